"""Runs pytest in the guest. Its arguments are the program's; the package's tests are read where the package was while building."""

import importlib
import os
import pkgutil
import sys
from unittest import mock

import _pytest
import hypothesis.extra.numpy  # noqa: F401
import numpy
import pytest
from wit_world import exports

# Not those of a program's own, nor what is there for building other packages.
LEFT_OUT = (".tests", ".f2py", ".distutils", "__main__", ".conftest", "_pyinstaller", ".legacypath")

# Of the standard library, what tests import: a component holds only what it may need.
STANDARD = """
concurrent.futures copy ctypes datetime decimal doctest fractions functools gc gzip hashlib importlib.metadata inspect io itertools locale mmap
multiprocessing numbers operator pathlib pickle platform pprint queue random shutil string subprocess sysconfig tempfile textwrap
threading traceback types typing unittest.mock urllib.request weakref zipfile zoneinfo xml.etree.ElementTree
"""


def load(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        # Of what this system lacks: ctypes, mmap, other packages.
        pass


for package in (_pytest, numpy):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not any(part in module.name for part in LEFT_OUT):
            load(module.name)
for module in STANDARD.split():
    load(module)


class Run(exports.Run):
    def run(self) -> None:
        folder = numpy.__path__[0].rpartition("/")[0]
        sys.path.insert(0, folder)
        # Which says that nothing is to be found in the directories of the build; here they are mounted again.
        sys.path_importer_cache.clear()
        # Files are read even if only some of their tests need these, and those are named in the recipe.
        for name in ("ctypes", "mmap"):
            sys.modules[name] = mock.MagicMock()
        # pytest asks whose its temporary directories are.
        os.getuid = lambda: 0
        # There is no `/` to return to, no `/dev/null`, and no file descriptor to replace.
        os.chdir(folder)
        options = [f"-pno:{name}" for name in ("faulthandler", "cacheprovider", "debugging", "logging")]
        options += ["--capture=sys", "--rootdir", folder]
        sys.exit(pytest.main([*options, *sys.argv[1:]]))
