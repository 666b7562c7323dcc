"""WSGI on `wasi:http` 0.3.

There a handler is a coroutine. The response streams: between two of its parts, other requests of the instance go on. While the
application reads its request they wait, since it is a function that cannot `await`.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import tasks
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from componentize_py_async_support import spawn
from componentize_py_types import Err, Ok

from ._environ import Body, Environment, Input
from ._errors import ClientDisconnected, is_about_client, report
from ._wsgi import Application, Response
from ._world import World

if TYPE_CHECKING:

    def wait(connections: Iterable[object], timeout: float | None) -> None: ...

else:
    # It is of the guest's library, which has no types. Tools that import the bindings lack it.
    try:
        from _componentize_py_http.wasi3 import wait
    except ModuleNotFoundError:
        wait = None


class Head:
    """How a response of 0.3 begins and ends."""

    def __init__(self, world: World) -> None:
        self.types = world.types
        self.stream = world.root.byte_stream
        self.trailers = world.future("option_{}_fields")
        self.done = world.future("unit")
        self.failed = Err(world.types.ErrorCode_InternalError("the application failed"))

    def open(self, request: Any) -> Any:
        """The stream of a request's body, and the future of what went wrong with it."""
        _, done = self.done(lambda: Ok(None))
        return self.types.Request.consume_body(request, done)

    async def check(self, problem: Any) -> None:
        """Raises `ClientDisconnected` if a body has ended too early."""
        if isinstance(await problem.read(), Err):
            raise ClientDisconnected("the client has left before the end of its request")


class Body3(Body):
    """The request's body in `wasi:http` 0.3."""

    _stream: Any
    _problem: Any

    def __init__(self, head: Head, loop: asyncio.AbstractEventLoop, request: Any) -> None:
        self._head = head
        self._loop = loop
        self._stream, self._problem = head.open(request)

    def receive(self, size: int) -> bytes:
        if not size or self._stream is None:
            return b""
        task = self._loop.create_task(self._receive(size))
        while not task.done():
            # Only tasks of the same request go on meanwhile.
            wait((), None)
        return task.result()

    async def _receive(self, size: int) -> bytes:
        data: bytes = await self._stream.read(size)
        if not data:
            stream, self._stream = self._stream, None
            stream.__exit__(None, None, None)
            await self._head.check(self._problem)
        return data


class Response3(Response):
    """Collects what is written; `handle` returns the head, and `rest` sends the body."""

    __slots__ = ("head", "pending", "answer", "outcome", "trailers")

    def __init__(self, head: Head, has_no_body: bool) -> None:
        super().__init__(head.types, None, has_no_body)
        self.head = head
        self.pending: list[bytes] = []
        self.answer: Any = None
        self.trailers: Any = None
        # What the reader of the body hears at its end.
        self.outcome: Any = head.failed

    def start(self, length: int | None) -> None:
        self.check_start(length)
        reader = None
        if not self.has_no_body:
            self.stream, reader = self.head.stream()
        self.trailers, trailers = self.head.trailers(lambda: self.outcome)
        self.answer, _ = self.types.Response.new(self.fields, reader, trailers)
        if self.status != 200:
            self.answer.set_status_code(self.status)
        self.started = True

    def send(self, data: bytes) -> None:
        if not self.has_no_body:
            self.count(len(data))
            self.pending.append(data)

    def finish(self) -> None:
        """Only `rest` can do that."""

    async def flush(self) -> None:
        pending, self.pending = self.pending, []
        for data in pending:
            if await self.stream.write_all(data) < len(data):
                raise ClientDisconnected("the client has left before the end of the response")

    async def rest(self, items: Iterable[bytes], iterator: Iterator[bytes]) -> None:
        """Sends the body. A response that fails half-way ends with an error, so that nobody takes it for whole."""
        try:
            try:
                await self.flush()
                for item in outside(iterator):
                    if item:
                        self.send(item)
                        await self.flush()
                self.check_length()
                self.outcome = Ok(None)
            finally:
                self.end()
                with no_loop():
                    close(items)
        except Exception as error:
            if not is_about_client(error):
                report(error)

    def end(self) -> None:
        if self.stream is not None:
            self.stream.__exit__(None, None, None)
        self.stream = self.trailers = None
        self.pending = []


@contextlib.contextmanager
def no_loop() -> Generator[None, None, None]:
    """Lets code run as it does where no event loop is running: it may start one, and Django insists on that."""
    loop = asyncio.get_running_loop()
    task: Any = asyncio.current_task()
    tasks._leave_task(loop, task)
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        tasks._enter_task(loop, task)


def outside(iterator: Iterator[bytes]) -> Iterator[bytes]:
    """The same items, which are made where no event loop is running."""
    while True:
        with no_loop():
            try:
                item = next(iterator)
            except StopIteration:
                return
        yield item


def close(items: Any) -> None:
    method = getattr(items, "close", None)
    if method is not None:
        method()


def handler(app: Application, world: World) -> type[Any]:
    """The class `Handler` for `wasi:http/handler@0.3`."""
    environment = Environment(world)
    head = Head(world)

    class WsgiHandler:
        async def handle(self, request: Any) -> Any:
            environ = environment.make(
                request.get_method(),
                request.get_path_with_query(),
                request.get_scheme(),
                request.get_authority(),
                request.get_headers().copy_all(),
            )
            response = Response3(head, environ["REQUEST_METHOD"] == "HEAD")
            try:
                environ["wsgi.input"] = Input(partial(Body3, head, asyncio.get_running_loop()), request)
                with no_loop():
                    items = app(environ, response.start_response)
                    try:
                        iterator = response.begin(items)
                    except BaseException:
                        close(items)
                        raise
                spawn(response.rest(items, iterator))
            except Exception as error:
                begun = response.started
                response.fail(error)
                if begun:
                    response.end()
                else:
                    spawn(response.rest((), iter(())))
            return response.answer

    return WsgiHandler
