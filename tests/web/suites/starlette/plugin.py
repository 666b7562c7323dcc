"""A thread for anyio's portal, whose event loop runs while other threads wait for it.

Starlette's `TestClient` runs an application in the event loop of another thread. A component has one thread, and a thread that is
started runs to its end at once, so the client would wait for ever. Here the loop goes on, callback by callback, whenever the
test waits: for the result of a call, an event or a queue. Nothing else of anyio or Starlette is replaced.

The tests run on asyncio only: `test_testclient.py` imports trio for those on trio, and finds an empty module.
"""

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from types import ModuleType
from typing import Any

import anyio.from_thread
from anyio.from_thread import BlockingPortal

# What a wait lets go on, beside timers.
_runnable: Any = threading._timers  # type: ignore[attr-defined]


class Loop(asyncio.SelectorEventLoop):
    """An event loop that stands among the timers while it has something to do."""

    def __init__(self) -> None:
        self.thread: Any = threading._PoolThread("portal")  # type: ignore[attr-defined]
        self.is_stepping = False
        super().__init__()

    def call_soon_threadsafe(self, *args: Any, **options: Any) -> asyncio.Handle:
        handle = super().call_soon_threadsafe(*args, **options)
        self.wake()
        return handle

    def wake(self) -> None:
        loop: Any = self
        if not self.is_stepping and self not in _runnable and (loop._ready or loop._scheduled):
            _runnable.append(self)

    @property
    def _due(self) -> float:
        loop: Any = self
        return time.monotonic() if loop._ready else loop._scheduled[0].when()

    def _fire(self) -> None:
        _runnable.remove(self)
        self.is_stepping = True
        try:
            self.thread.call(self.step)
        finally:
            self.is_stepping = False
            self.wake()

    def step(self) -> None:
        self.call_soon(self.stop)
        self.run_forever()

    def end(self) -> None:
        if self in _runnable:
            _runnable.remove(self)
        self.thread.call(self.run_until_complete, self.shutdown_asyncgens())
        self.thread.call(self.close)
        self.thread.end()


@contextlib.contextmanager
def start_blocking_portal(
    backend: str = "asyncio", backend_options: dict[str, Any] | None = None, *, name: str | None = None
) -> Iterator[BlockingPortal]:
    """What `anyio.from_thread.start_blocking_portal` does, for asyncio."""
    assert backend == "asyncio" and not backend_options
    there: Future[BlockingPortal] = Future()
    ended: Future[None] = Future()

    async def run() -> None:
        try:
            async with BlockingPortal() as portal:
                there.set_result(portal)
                await portal.sleep_until_stopped()
        finally:
            ended.set_result(None)

    loop = Loop()
    main = loop.thread.call(loop.create_task, run())
    loop.wake()
    portal = there.result()
    cancel = True
    try:
        yield portal
        cancel = False
    finally:
        with contextlib.suppress(RuntimeError):
            portal.call(portal.stop, cancel)
        ended.result()
        main.cancelled() or main.exception()
        loop.end()


anyio.from_thread.start_blocking_portal = start_blocking_portal
sys.modules["trio"] = sys.modules["trio.lowlevel"] = ModuleType("trio")
