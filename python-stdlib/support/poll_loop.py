"""An `asyncio` event loop for WASI 0.2, and streams of `wasi:http` on top of it.

It waits with `wasi:io/poll`, so that one call of an export can handle several requests and responses
at once. It is for worlds that import `wasi:http/types@0.2` and `wasi:http/outgoing-handler@0.2`;
in WASI 0.3 the Component Model itself is asynchronous.

    class IncomingHandler(exports.IncomingHandler):
        def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
            asyncio.run(answer(request, response_out), loop_factory=PollLoop)
"""

from __future__ import annotations

import asyncio
import math
import selectors
import sys
import time
from asyncio import selector_events

from componentize_py_types import Err
from wit_world.imports import monotonic_clock, outgoing_handler, poll
from wit_world.imports.poll import Pollable
from wit_world.imports.streams import InputStream, OutputStream, StreamError_Closed
from wit_world.imports.types import (
    IncomingBody,
    IncomingResponse,
    OutgoingBody,
    OutgoingRequest,
)

# The most bytes of one read.
READ_SIZE: int = 64 * 1024


class PollLoop(selector_events.BaseSelectorEventLoop):
    """An event loop that waits for pollables, timers, and sockets that carry HTTP requests.

    Timers work (`asyncio.sleep`, `wait_for`, `timeout`, `call_later`), and HTTP clients for asyncio do where
    the world has no `wasi:sockets`. Executors call functions at once. Other sockets and subprocesses do not work.
    """

    def __init__(self) -> None:
        # Each future is resolved when its pollable is ready.
        self.wakers: list[tuple[Pollable, asyncio.Future[None]]] = []
        # asyncio asks this object for events whenever it has nothing else to do.
        super().__init__(_Poller(self))

    def _make_self_pipe(self) -> None:
        """Makes nothing: without threads, nobody has to wake the loop."""

    def _close_self_pipe(self) -> None:
        """There is none."""

    def _write_to_self(self) -> None:
        """Does nothing: without threads, the loop is not waiting when this is called."""

    def close(self) -> None:
        super().close()
        # The host requires that pollables are dropped before their streams and futures.
        wakers, self.wakers = self.wakers, []
        for pollable, _ in wakers:
            pollable.__exit__(None, None, None)


class _Poller(selectors.SelectSelector):
    """The selector for asyncio. It resolves the futures of pollables itself; its events are those of sockets."""

    def __init__(self, loop: PollLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Waits until something is ready: forever, for `timeout` seconds, or (0) not at all."""
        if self.get_map():
            return self._select_sockets(timeout)
        wakers = self._loop.wakers
        if timeout is not None and timeout <= 0:
            self._wake_ready()
        elif timeout is None and not wakers:
            raise RuntimeError("the event loop would wait forever: no task has anything to wait for")
        else:
            self._wait([pollable for pollable, _ in wakers], timeout)
        return []

    def _select_sockets(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """The same with sockets. Only these know what an event means for them, so each event leads to another look."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            is_awake = self._wake_ready()
            ready = super().select(0)
            left = None if deadline is None else deadline - time.monotonic()
            if is_awake or ready or left is not None and left <= 0:
                return ready
            wakers = [pollable for pollable, _ in self._loop.wakers]
            of_sockets: list[Pollable] = sys.modules["_componentize_py_http._sockets"].pollables(self.get_map())
            try:
                if left is None and not wakers and not of_sockets:
                    raise RuntimeError("the event loop would wait forever: no socket has sent a request")
                self._wait(wakers + of_sockets, left)
            finally:
                for pollable in of_sockets:
                    pollable.__exit__(None, None, None)

    def _wake_ready(self) -> bool:
        ready = [waker for pollable, waker in self._loop.wakers if pollable.ready()]
        self._wake(ready)
        return bool(ready)

    def _wait(self, pollables: list[Pollable], timeout: float | None) -> None:
        wakers = self._loop.wakers
        if timeout is None:
            ready = poll.poll(pollables)
        else:
            with monotonic_clock.subscribe_duration(math.ceil(timeout * 1e9)) as timer:
                ready = poll.poll([*pollables, timer])
        # An index beyond the wakers belongs to a socket or to the timer.
        self._wake([wakers[index][1] for index in ready if index < len(wakers)])

    @staticmethod
    def _wake(wakers: list[asyncio.Future[None]]) -> None:
        for waker in wakers:
            if not waker.done():
                waker.set_result(None)


async def register(loop: PollLoop, pollable: Pollable) -> None:
    """Waits until `pollable` is ready, then drops it."""
    waker: asyncio.Future[None] = loop.create_future()
    loop.wakers.append((pollable, waker))
    try:
        await waker
    finally:
        # This also runs when the waiting task is cancelled. If the loop was closed before, the pollable is gone.
        if any(entry[1] is waker for entry in loop.wakers):
            loop.wakers = [entry for entry in loop.wakers if entry[1] is not waker]
            pollable.__exit__(None, None, None)


async def _ready(pollable: Pollable) -> None:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, PollLoop):
        pollable.__exit__(None, None, None)
        raise RuntimeError("`poll_loop` needs its own event loop: `asyncio.run(..., loop_factory=PollLoop)`")
    await register(loop, pollable)


async def send(request: OutgoingRequest) -> IncomingResponse:
    """Sends `request` and waits for the head of its response.

    Raises `Err` with an `ErrorCode` if the request fails.
    """
    with outgoing_handler.handle(request, None) as future:
        while (outcome := future.get()) is None:
            await _ready(future.subscribe())
    if isinstance(outcome, Err):
        raise RuntimeError("the response was already taken")
    if isinstance(outcome.value, Err):
        raise outcome.value
    return outcome.value.value


class Stream:
    """Reads the body of an incoming request or response."""

    def __init__(self, body: IncomingBody) -> None:
        # In this order, an object that is discarded drops its stream before its body, as the host requires.
        self.stream: InputStream | None = body.stream()
        self.body: IncomingBody | None = body

    async def next(self) -> bytes | None:
        """The next chunk, or `None` at the end."""
        while self.stream is not None:
            try:
                chunk = self.stream.read(READ_SIZE)
            except Err as error:
                if not isinstance(error.value, StreamError_Closed):
                    raise
                self._finish()
            else:
                if chunk:
                    return chunk
                await _ready(self.stream.subscribe())
        return None

    def _finish(self) -> None:
        # The body can only be finished once its stream is gone.
        if self.stream is not None:
            self.stream.__exit__(None, None, None)
            self.stream = None
        if self.body is not None:
            with IncomingBody.finish(self.body):
                self.body = None


class Sink:
    """Writes the body of an outgoing request or response."""

    def __init__(self, body: OutgoingBody) -> None:
        # The order matters as in `Stream`. A discarded body counts as broken off.
        self.stream: OutputStream | None = body.write()
        self.body: OutgoingBody | None = body

    async def send(self, chunk: bytes) -> None:
        """Writes `chunk` as fast as the receiver takes it, and waits until it is flushed."""
        stream = self._open()
        start = 0
        while start < len(chunk):
            end = start + await self._capacity(stream)
            stream.write(chunk[start:end])
            start = end
        stream.flush()
        await self._capacity(stream)

    def close(self) -> None:
        """Ends the body. Nothing can be sent afterwards."""
        stream, self.stream = self._open(), None
        stream.__exit__(None, None, None)
        if self.body is not None:
            body, self.body = self.body, None
            OutgoingBody.finish(body, None)

    def _open(self) -> OutputStream:
        if self.stream is None:
            raise ValueError("the sink is closed")
        return self.stream

    @staticmethod
    async def _capacity(stream: OutputStream) -> int:
        """The number of bytes that may be written now; waits until it is at least one."""
        while (capacity := stream.check_write()) == 0:
            await _ready(stream.subscribe())
        return capacity
