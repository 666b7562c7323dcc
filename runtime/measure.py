"""The memory of each module, for `--report`. Only in a separate run, from which no snapshot is taken.

The interpreter then notes every allocation (tracemalloc). A module's memory is the growth from before to after its loading,
without the memory of the modules that it imported. Reserved for the runtime. Nothing is imported inside functions here, since
that would be taken along.
"""

import gc
import sys
from _tracemalloc import get_traced_memory
from importlib import _bootstrap

import _componentize_py_bundle as bundle
import _componentize_py_finder as finder

# The values of `measured-kind` in wit/init.wit.
START, LOADED, CARRIED, REST = range(4)

_loaded = {}  # module name -> bytes
_nested = []  # for each module that is being loaded, the bytes of those that it imported
_start = 0
_load_unlocked = _bootstrap._load_unlocked


def _now():
    # Cycles among the objects allocated since the last time count as freed.
    gc.collect(0)
    return get_traced_memory()[0]


def _load(spec):
    before = _now()
    _nested.append(0)
    try:
        return _load_unlocked(spec)
    finally:
        taken = _now() - before
        _loaded[spec.name] = _loaded.get(spec.name, 0) + taken - _nested.pop()
        if _nested:
            _nested[-1] += taken


def start():
    """All kinds of loaders are called through this one function of importlib."""
    global _start
    _bootstrap._load_unlocked = _load
    # Otherwise it depends on chance when memory is freed.
    gc.disable()
    gc.collect()
    _start = get_traced_memory()[0]


def _top(name):
    return name.partition(".")[0]


def rows():
    """(kind, name, top-level package, bytes) of everything after `bundle.pack`."""
    gc.collect()
    total = get_traced_memory()[0]
    found = [(LOADED, name, _top(name), size) for name, size in sorted(_loaded.items()) if name in sys.modules]
    for name, (_, _, code) in sorted(finder.modules.items()):
        if type(code) is not str:  # it says why there is no code
            # The code of a native extension is a library.
            found.append((CARRIED, name, _top(name), 0 if code is finder.NATIVE else len(code)))
    rest = total - _start - sum(row[3] for row in found)
    return [(START, "", "", _start), *found, (REST, "", "", rest)]
