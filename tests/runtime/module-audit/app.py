"""Imports every module of the standard library."""

import contextlib
import importlib
import io
import sys
from typing import List

import wit_world

# These do something when they are imported.
ACTIVE = {"antigravity", "this", "__main__", "idlelib", "turtledemo"}

failing: List[str] = []
importable = 0
for _name in sorted(sys.stdlib_module_names - ACTIVE):
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            importlib.import_module(_name)
        importable += 1
    except BaseException as error:
        failing.append(f"{_name}: {type(error).__name__}: {error}")


class WitWorld(wit_world.WitWorld):
    def failing(self) -> List[str]:
        return failing

    def importable(self) -> int:
        return importable
