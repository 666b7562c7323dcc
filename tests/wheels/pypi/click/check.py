"""click: a command line with options, groups and the runner for tests."""

import click
from click.testing import CliRunner


@click.group()
def main():
    pass


@main.command()
@click.option("--count", default=1, type=click.IntRange(1, 3))
@click.argument("name")
def greet(count, name):
    for _ in range(count):
        click.echo(f"hello {name}")


def test_command():
    result = CliRunner().invoke(main, ["greet", "--count", "2", "you"])
    assert (result.exit_code, result.output) == (0, "hello you\nhello you\n"), result


def test_bad_option():
    result = CliRunner().invoke(main, ["greet", "--count", "9", "you"])
    assert result.exit_code == 2 and "9 is not in the range" in result.output, result.output


def test_help():
    output = CliRunner().invoke(main, ["greet", "--help"]).output
    assert "--count INTEGER RANGE" in output and "NAME" in output, output
