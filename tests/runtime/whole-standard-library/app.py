"""`--stdlib all`: whatever name comes at run time, the module is there."""

import sys
from importlib import import_module
from typing import List

import _componentize_py_finder as finder
import wit_world

# They do something when they are imported.
ACTIVE = ("__phello__.spam", "antigravity", "this")


def is_active(name: str) -> bool:
    return name in ACTIVE or name.startswith("__hello__") or name.endswith("__main__")


class WitWorld(wit_world.WitWorld):
    def lacking(self) -> List[str]:
        missing = []
        for name in sorted(sys.stdlib_module_names):
            if is_active(name):
                continue
            try:
                import_module(name)
            except ModuleNotFoundError as error:
                assert error.name is not None
                top = error.name.partition(".")[0]
                (note,) = error.__notes__
                if note == f"Components do not have the module {top!r} of Python's standard library.":
                    missing.append(name)
                else:
                    # Stand-ins for modules in C.
                    assert note.endswith(f"Build with `--include {name}`."), note
                    missing.append(f"--include {name}")
        return missing

    def every_module(self) -> List[str]:
        failures = []
        for name in sorted(finder.modules):
            if not is_active(name):
                try:
                    assert import_module(name).__name__ == name
                except (ImportError, AttributeError) as error:
                    failures.append(f"{name}: {type(error).__name__} {error.name or error}")
        return failures

    def is_loaded(self, name: str) -> bool:
        return name in sys.modules
