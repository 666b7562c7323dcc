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
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

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

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

# The most bytes of one read.
READ_SIZE: int = 64 * 1024


class PollLoop(asyncio.BaseEventLoop):
    """An event loop that waits for pollables and timers.

    Timers work (`asyncio.sleep`, `wait_for`, `timeout`, `call_later`); sockets, subprocesses and
    executors do not, since there are no threads and no file descriptors to wait for.
    """

    def __init__(self) -> None:
        super().__init__()
        # Each future is resolved when its pollable is ready.
        self.wakers: list[tuple[Pollable, asyncio.Future[None]]] = []
        # asyncio asks this object for events whenever it has nothing else to do.
        self._selector = _Poller(self)

    def _process_events(self, ready: list[asyncio.Future[None]]) -> None:
        for waker in ready:
            if not waker.done():
                waker.set_result(None)

    def _write_to_self(self) -> None:
        """Does nothing: without threads, the loop is not waiting when this is called."""

    def close(self) -> None:
        super().close()
        # The host requires that pollables are dropped before their streams and futures.
        wakers, self.wakers = self.wakers, []
        for pollable, _ in wakers:
            pollable.__exit__(None, None, None)

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*_Ts], _T],
        *args: *_Ts,
    ) -> asyncio.Future[_T]:
        raise RuntimeError("a component has no threads to run an executor on: call the function directly")


class _Poller:
    """The selector for asyncio; its events are the futures to resolve."""

    def __init__(self, loop: PollLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[asyncio.Future[None]]:
        """Waits until something is ready: forever, for `timeout` seconds, or (0) not at all."""
        wakers = self._loop.wakers
        if timeout is not None and timeout <= 0:
            return [waker for pollable, waker in wakers if pollable.ready()]
        if timeout is not None:
            with monotonic_clock.subscribe_duration(math.ceil(timeout * 1e9)) as timer:
                return self._wait([pollable for pollable, _ in wakers] + [timer])
        if not wakers:
            raise RuntimeError("the event loop would wait forever: no task has anything to wait for")
        return self._wait([pollable for pollable, _ in wakers])

    def _wait(self, pollables: list[Pollable]) -> list[asyncio.Future[None]]:
        wakers = self._loop.wakers
        # An index beyond the wakers belongs to the timer.
        return [wakers[index][1] for index in poll.poll(pollables) if index < len(wakers)]


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
