"""Packages with native code, built by the installed command for an application: no Rust, no compiler of the machine's."""

import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import componentize_py

APP = """
import regex
import spam
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        print(regex.findall(r"..", "abcd", overlapped=True), spam.__name__)
"""

RECIPE = """
name = "hail"
licence = "MIT"
build = "setuptools"

[[release]]
version = "1.0"
file = "hail-1.0.tar.gz"
size = {size}
sha256 = "{sha256}"

[[library]]
name = "hailing"
local = "hailing"
folders = ["."]

[[requirement]]
name = "setuptools"
version = "84.2.1"
sha256 = ["ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2"]

[check]
"""
SETUP = """
import os
from setuptools import Extension, setup

# As setuptools does by itself, if the CPython that runs it has been installed with its headers.
headers = [os.path.abspath("include/python3.14")]
hail = Extension("hail", [os.path.abspath("hail.c")], include_dirs=headers, extra_link_args=["@link.txt"])
setup(name="hail", version="1.0", py_modules=[], ext_modules=[hail])
"""
EXTENSION = """
#include <Python.h>
int hailing(void);
static PyObject *hail(PyObject *self, PyObject *nothing) { return PyUnicode_FromFormat("%d %s", hailing(), __FILE__); }
static PyMethodDef methods[] = {{"hail", hail, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hail", NULL, 0, methods};
PyMODINIT_FUNC PyInit_hail(void) { return PyModule_Create(&module); }
"""
SDIST = {
    "PKG-INFO": "Metadata-Version: 2.4\nName: hail\nVersion: 1.0\n",
    "hail.c": EXTENSION,
    "include/python3.14/Python.h": "#error these are the headers of another CPython\n",
    # As Meson writes it for many objects, with a flag for linkers of ELF.
    "link.txt": "'-lhailing' -Wl,--as-needed\n",
    "setup.py": SETUP,
}


def environment() -> dict[str, str]:
    """The variables of a user who has Python 3.14, which this test finds where the guest's build has put one, and nothing else."""
    python = os.environ["COMPONENTIZE_PY_TEST_PYTHON"]
    programs = [os.path.dirname(sys.executable), os.path.dirname(python), "/usr/bin", "/bin"]
    return {**os.environ, "PATH": os.pathsep.join(programs)}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [os.path.join(os.path.dirname(sys.executable), "componentize-py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment() | variables)


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


def sdist() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in SDIST.items():
            member = tarfile.TarInfo(f"hail-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return written.getvalue()


def test_a_recipe_with_a_library_of_its_own() -> None:
    bytes = sdist()
    sources = pathlib.Path("sources")
    sources.mkdir()
    sources.joinpath("hail-1.0.tar.gz").write_bytes(bytes)
    library = pathlib.Path("recipes/hail/hailing")
    library.mkdir(parents=True)
    library.joinpath("hailing.c").write_text("int hailing(void) { return 42; }\n")
    recipe = RECIPE.format(size=len(bytes), sha256=hashlib.sha256(bytes).hexdigest())
    library.with_name("recipe.toml").write_text(recipe)
    built = check(run("wheel", "hail", "--recipes", "recipes", COMPONENTIZE_PY_SOURCES="sources")).strip()
    with zipfile.ZipFile(built) as wheel:
        (extension,) = (wheel.read(name) for name in wheel.namelist() if name.endswith(".so"))
    assert extension.startswith(b"\0asm"), built
    assert b"\0/source/hail.c\0" in extension, "the code does not call its file by its name in the sdist"
    test_a_recipe_that_leaves_out_all_extensions(library.with_name("recipe.toml"))


def test_a_recipe_that_leaves_out_all_extensions(recipe: pathlib.Path) -> None:
    with recipe.open("a") as file:
        file.write('[[exclude]]\npath = "hail*"\nreason = "a mistake"\n')
    refused = run("wheel", "hail", "--recipes", "recipes", COMPONENTIZE_PY_SOURCES="sources")
    assert refused.returncode == 1, refused.stdout
    assert "leaves out all extensions, such as `hail.cpython-314-wasm32-wasi.so`" in refused.stderr, refused.stderr


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
test_a_recipe_with_a_library_of_its_own()
test_a_project_and_a_dependency()
