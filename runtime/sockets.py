"""Sockets that carry HTTP requests, in worlds that can send these and have no sockets: see `_componentize_py_http`.

Reserved for the runtime. In such worlds the class `Carrying` stays in the snapshot: an import of `socket` may happen at run time.
"""

import importlib
import importlib.machinery
import sys

import _componentize_py_finder as finder
from _componentize_py_search import stdlib


class Carrying:
    """Finds and loads `_componentize_py_socket` as `_socket`, before the interpreter's own is found."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "_socket":
            return None
        spec = importlib.machinery.ModuleSpec(name, cls, origin=f"{finder.STDLIB}_socket.py")
        return finder.Finder.find_spec(name) or spec

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def get_code(name):
        found = importlib.machinery.PathFinder.find_spec("_componentize_py_socket")
        return found.loader.get_code(found.name)

    @classmethod
    def exec_module(cls, module):
        exec(cls.get_code(module.__name__), module.__dict__)


# Modules of which some client for HTTP needs one. Event loops need none of them.
_CLIENTS = frozenset(("h11", "http.client", "ssl"))
# What the bindings of a version of `wasi:http` are known by, and the other interfaces that sending takes.
_SENDING = {
    "FutureIncomingResponse": (("wasi_http", "outgoing_handler"), ("wasi_clocks", "monotonic_clock")),
    "RequestOptions": (("wasi_http", "client"),),
}


def _sends_http(types):
    """Returns whether this module has the types of `wasi:http` and the others are beside it, and imports these."""
    needed = next((needed for mark, needed in _SENDING.items() if hasattr(sys.modules[types], mark)), ())
    return bool(needed) and all(_is_beside(types.rpartition(".")[0], *names) for names in needed)


def _is_beside(package, namespace, name):
    """Returns whether the bindings have an interface, by its name or, if another has that too, its full name."""
    for one in (name, f"{namespace}_{name}"):
        try:
            importlib.import_module(f"{package}.{one}")
            return True
        except ImportError:
            continue
    return False


def carry_http():
    """Puts the stand-in into its place if the world can send HTTP requests and has no sockets. Returns whether CPython's own module
    is not needed then."""
    bound = [name for name in sys.modules if name.rpartition(".")[0].endswith(".imports")]
    if any(hasattr(sys.modules[name], "TcpSocket") for name in bound) or not any(map(_sends_http, bound)):
        return False
    sys.meta_path.insert(0, Carrying)
    # The event loop of worlds with asynchronous functions has imported it. What imports it from now on gets the other.
    is_loaded = "_socket" in sys.modules
    for name in ("_socket", "socket"):
        sys.modules.pop(name, None)
    return not is_loaded


def before_snapshot():
    """Imports what connections need if the application seems to make any: late imports would take time in each instance. Returns
    the names of the modules that there are for others."""
    front = sys.modules.get("_socket")
    if not hasattr(front, "prepare"):
        return []
    if not _CLIENTS.isdisjoint(sys.modules):
        front.prepare()
    return stdlib("_componentize_py_socket")[1]
