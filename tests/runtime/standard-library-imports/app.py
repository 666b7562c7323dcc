"""Every module of the standard library, as it is imported while building."""

import contextlib
import importlib
import io
import sys

import wit_world

MISSING = []
FOUND = 0
# These act when they are imported: the one opens a page, the other prints.
for _name in sorted(sys.stdlib_module_names - {"antigravity", "this"}):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            importlib.import_module(_name)
        FOUND += 1
    except BaseException as error:
        MISSING.append(f"{_name}: {type(error).__name__}: {error}")


class WitWorld(wit_world.WitWorld):
    def missing(self) -> list[str]:
        return MISSING

    def found(self) -> int:
        return FOUND
