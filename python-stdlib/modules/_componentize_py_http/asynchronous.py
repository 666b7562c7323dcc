"""asyncio's part.

asyncio may have been imported before this `socket`. The event loop of worlds with asynchronous functions knows no sockets; it gets
asyncio's own functions for them, over `Selector`.
"""

import selectors
import sys
import weakref

from . import _sockets

_MODULES = "base_events events selector_events streams trsock unix_events".split()
_LOOP = "_componentize_py_loop"
# What a loop of asyncio has for its own wake-up and for its end.
_NOT_TAKEN = (
    "__init__ __module__ __doc__ close _make_self_pipe _close_self_pipe _read_from_self _process_self_data _write_to_self".split()
)


def introduce():
    """Gives asyncio the module `socket`, and the runtime's loop its sockets."""
    events = sys.modules.get("asyncio.base_events")
    if not hasattr(events, "socket"):
        return  # or it is being imported, and gets it by itself
    socket = sys.modules.get("socket")
    if socket is not None and events.socket is not socket:
        _give(socket)
    runtime = sys.modules.get(_LOOP)
    if runtime is not None and not isinstance(getattr(runtime.loop, "_selector", None), Selector):
        _let_wait(runtime)


def _give(module):
    for one in _MODULES:
        user = sys.modules.get(f"asyncio.{one}")
        if hasattr(user, "socket"):
            user.socket = module


def _let_wait(runtime):
    for name, value in vars(sys.modules["asyncio.selector_events"].BaseSelectorEventLoop).items():
        if name not in _NOT_TAKEN:
            setattr(runtime.Loop, name, value)

    def add_callback(self, handle):
        if not handle._cancelled:
            self._schedule(handle)

    runtime.Loop._add_callback = add_callback
    runtime.loop._selector = Selector(runtime.loop)
    runtime.loop._transports = weakref.WeakValueDictionary()


class Selector(selectors._BaseSelectorImpl):
    """Calls back when something changes at a socket, where nobody asks for events."""

    def __init__(self, loop):
        super().__init__()
        self._loop, self._watchers = loop, {}

    def select(self, timeout=None):
        """Nobody asks."""
        return []

    def register(self, fileobj, events, data=None):
        key = super().register(fileobj, events, data)
        self._watch(key.fd)
        return key

    def modify(self, fileobj, events, data=None):
        key = super().modify(fileobj, events, data)
        if key.fd not in self._watchers:
            self._watch(key.fd)
        return key

    def unregister(self, fileobj):
        key = super().unregister(fileobj)
        connection, watcher = self._watchers.pop(key.fd, (None, None))
        if connection is not None:
            connection.watchers.remove(watcher)
        return key

    def _watch(self, fd):
        connection, is_planned = _sockets.get(fd), False

        def look():
            nonlocal is_planned
            is_planned = False
            key = self.get_map().get(fd)
            ready = key and key.events & (
                selectors.EVENT_READ * connection.is_readable() | selectors.EVENT_WRITE * connection.is_writable()
            )
            if ready:
                self._loop._process_events([(key, ready)])
                changed()  # there may be more than the callback takes

        def changed():
            nonlocal is_planned
            if not is_planned:
                is_planned = True
                self._loop.call_soon(look)

        self._watchers[fd] = connection, changed
        connection.watchers.append(changed)
        changed()
