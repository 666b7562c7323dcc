"""Typer: commands from functions with annotations."""

from enum import Enum
from typing import Annotated

import typer
from typer.testing import CliRunner

app = typer.Typer()


class Colour(str, Enum):
    red = "red"
    blue = "blue"


@app.command()
def paint(name: str, colour: Colour = Colour.red, times: Annotated[int, typer.Option(min=1)] = 1):
    """Paints a thing."""
    typer.echo(f"{name} {colour.value} {times}")


@app.command()
def fail():
    raise typer.Exit(3)


def run(*arguments):
    return CliRunner().invoke(app, arguments)


def test_command():
    assert run("paint", "wall", "--colour", "blue", "--times", "2").output == "wall blue 2\n"


def test_exit_code():
    assert run("fail").exit_code == 3 and run("paint", "wall", "--times", "0").exit_code == 2


def test_help():
    output = run("paint", "--help").output
    assert "Paints a thing." in output and "blue" in output, output
