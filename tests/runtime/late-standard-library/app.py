"""Every module of the standard library is imported by a function, with no more at hand than an application has that imports only this
one. What that would be is asked while building; at run time, all else is hidden."""

import sys
from typing import Any, Callable, Dict, FrozenSet, List, Tuple

import _componentize_py_bundle as bundle
import _componentize_py_finder as finder
import statements
import wit_world

# They do something when they are imported, or are different on each platform.
ACTIVE = ("__hello__", "__phello__", "antigravity", "this")


def taken_along(name: str) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """The modules that there are for whoever says `import name` in a function, in Python and native."""
    bundle._wanted.clear()
    bundle._asked.intersection_update(sys.modules)
    bundle._want(name, bundle.ASKED)
    bundle._pack_wanted()
    taken = frozenset(finder.modules), frozenset(bundle._asked)
    finder.modules.clear()
    return taken


NAMES = [name for name in statements.statements.__code__.co_names if name in bundle.stdlib.names()]
NATIVE = frozenset(bundle._native_modules)
_wanted, _asked = dict(bundle._wanted), set(bundle._asked)
TAKEN = {name: taken_along(name) for name in NAMES}
bundle._wanted.update(_wanted)
bundle._asked.update(_asked)
UNKNOWN = sorted(
    name
    for name in bundle.stdlib.names() - set(NAMES)
    if not name.startswith(("_componentize_py_", "_sysconfigdata_", *ACTIVE)) and not name.endswith("__main__")
)
failing: List[str] = []
tried: List[str] = []


class Hiding:
    native: FrozenSet[str] = frozenset()

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> None:
        if name in NATIVE and name not in cls.native:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def try_all() -> None:
    everything, at_start = dict(finder.modules), frozenset(sys.modules)
    native: Dict[str, Any] = {}
    sys.meta_path.insert(0, Hiding)
    for name in NAMES:
        taken, Hiding.native = TAKEN[name]
        for loaded in set(sys.modules) - at_start:
            module = sys.modules.pop(loaded)
            if loaded in NATIVE:  # they do not like to be loaded twice
                native[loaded] = module
        sys.modules.update((one, native[one]) for one in Hiding.native if one in native)
        finder.modules.clear()
        finder.modules.update((one, everything[one]) for one in sorted(taken) if one not in at_start)
        tried.append(name)
        try:
            __import__(name)
        except BaseException as error:
            failing.append(f"{name}: {type(error).__name__}: {error}")
    sys.meta_path.remove(Hiding)
    finder.modules.update(everything)


def configuration() -> None:
    import sysconfig

    assert sysconfig.get_config_var("EXT_SUFFIX") == ".cpython-314-wasm32-wasi.so"


def profile() -> None:
    import cProfile
    import io
    import pstats

    profiler = cProfile.Profile()
    profiler.runcall(sorted, [3, 1, 2])
    shown = io.StringIO()
    pstats.Stats(profiler, stream=shown).print_stats()
    assert "built-in method builtins.sorted" in shown.getvalue()


def tests() -> None:
    import doctest
    import types

    module = types.ModuleType("module", ">>> 1 + 1\n2\n>>> 1 + 2\n3\n")
    assert doctest.testmod(module) == (0, 2)


def documentation() -> None:
    import pydoc

    assert pydoc.plain(pydoc.render_doc(len)).startswith("Python Library Documentation: built-in function len")


def debugger() -> None:
    import io
    import pdb

    said = io.StringIO()
    pdb.Pdb(stdin=io.StringIO("p 6 * 7\nc\n"), stdout=said).run("pass")
    assert "42" in said.getvalue()


def zones() -> None:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:
        pass


CHECKS: Dict[str, Callable[[], None]] = {
    check.__name__: check for check in (configuration, profile, tests, documentation, debugger, zones)
}


class WitWorld(wit_world.WitWorld):
    def failing(self) -> List[str]:
        try_all()
        return failing

    def importable(self) -> int:
        return len(tried) - len(failing)

    def unknown(self) -> List[str]:
        return UNKNOWN

    def attempt(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "ok"
