"""Packages with native code, built by the installed command for an application: no Rust, no compiler of the machine's."""

import os
import pathlib
import subprocess
import sys
import tempfile

import componentize_py

APP = """
import regex
import spam
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        print(regex.findall(r"..", "abcd", overlapped=True), spam.__name__)
"""


def environment() -> dict[str, str]:
    """The variables of a user who has Python 3.14, which this test finds where the guest's build has put one, and nothing else."""
    python = os.environ["COMPONENTIZE_PY_TEST_PYTHON"]
    programs = [os.path.dirname(sys.executable), os.path.dirname(python), "/usr/bin", "/bin"]
    return {**os.environ, "PATH": os.pathsep.join(programs)}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [os.path.join(os.path.dirname(sys.executable), "componentize-py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment())


def check(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_project_and_a_dependency() -> None:
    project = pathlib.Path(__file__).parents[1] / "wheels/c"
    (built,) = check(run("wheel", str(project))).splitlines()
    assert built.startswith("wheels/spam-1.0-cp314") and pathlib.Path(built).is_file(), built
    pathlib.Path("requirements.txt").write_text("regex==2026.11.19\nspam\n")
    refused = run("install", "--find-links", "wheels")
    assert refused.returncode == 1 and "package `regex" in refused.stderr, refused.stderr
    assert "`--build` builds it" in refused.stderr, refused.stderr
    check(run("install", "--build", "--find-links", "wheels"))
    (extension,) = pathlib.Path("deps/regex").glob("_regex*.so")
    assert extension.read_bytes().startswith(b"\0asm"), extension
    pathlib.Path("native.py").write_text(APP)
    check(run("-w", "wasi:cli/command", "componentize", "native", "-o", "native.wasm"))
    assert check(run("run", "native.wasm")) == "['ab', 'bc', 'cd'] spam\n"


def test_recipes_of_the_user() -> None:
    with tempfile.TemporaryDirectory() as folder:
        mine = pathlib.Path(folder, "regex")
        mine.mkdir()
        mine.joinpath("recipe.toml").write_text('name = "regex"\n')
        refused = run("wheel", "regex", "--recipes", folder)
    assert refused.returncode == 1, refused.stdout
    assert "recipe.toml` does not parse" in refused.stderr, refused.stderr


def test_mistakes() -> None:
    for package, words in [
        ("no such name", "is not the name of a package"),
        ("./missing", "has neither `pyproject.toml` nor `setup.py`"),
        ("componentize-py-has-no-such-package", "there is neither a recipe nor a source of"),
    ]:
        try:
            componentize_py.wheel(package)
        except componentize_py.Error as error:
            assert words in f"{error}\n{error.detail}", error
        else:
            raise AssertionError(f"{package} was built")


test_mistakes()
test_recipes_of_the_user()
test_a_project_and_a_dependency()
