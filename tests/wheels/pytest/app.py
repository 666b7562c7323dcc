"""Runs pytest in the guest. Its arguments are the program's; the package's tests are read where the package was while building."""

import importlib
import os
import pkgutil
import sys
from unittest import mock

import pytest
from wit_world import exports

# Not those of a program's own, nor what is there for building other packages.
LEFT_OUT = (".tests", ".f2py", ".distutils", "__main__", ".conftest", "_pyinstaller", ".legacypath")

# The directory of the packages, beside which the tests will lie.
FOLDER = os.path.dirname(pytest.__path__[0])


def load(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:
        # Of what this system lacks: ctypes, mmap, other packages.
        pass


for module in pkgutil.walk_packages([FOLDER], onerror=lambda name: None):
    if not any(part in f".{module.name}" for part in LEFT_OUT):
        load(module.name)


class Run(exports.Run):
    def run(self) -> None:
        sys.path.insert(0, FOLDER)
        # Which says that nothing is to be found in the directories of the build; here they are mounted again.
        sys.path_importer_cache.clear()
        # Files are read even if only some of their tests need these, and those are named in the recipe.
        for name in ("ctypes", "mmap"):
            sys.modules[name] = mock.MagicMock()
        # There is no `/` to return to.
        os.chdir(FOLDER)
        options = [f"-pno:{name}" for name in ("faulthandler", "cacheprovider", "debugging", "logging")]
        options += ["--capture=sys", "--rootdir", FOLDER]
        sys.exit(pytest.main([*options, *sys.argv[1:]]))
