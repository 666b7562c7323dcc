"""WSGI (PEP 3333) on `wasi:http` 0.2.

A request goes directly to the functions of the host, which wait where they have to: there is no event loop. Bodies
stream in both directions; what an application reads, writes or yields is in memory only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol

from componentize_py_types import Err, Ok

from ._environ import Body2, Environ, Environment, Input
from ._errors import ClientDisconnected, complain, is_about_client, report
from ._headers import Entries, Headers, checked, fields
from ._world import World

ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

# The most bytes that the host takes in one call that also waits.
AT_ONCE = 4096

class Application(Protocol):
    """A WSGI application."""

    def __call__(self, environ: Environ, start_response: Any, /) -> Iterable[bytes]: ...


class Response:
    """The state of one response: `start_response` and `write` for the application."""

    __slots__ = ("types", "out", "has_no_body", "status", "fields", "length", "sent", "body", "stream", "started")

    def __init__(self, types: Any, out: Any, has_no_body: bool) -> None:
        self.types = types
        self.out = out
        self.has_no_body = has_no_body
        self.status = 0
        self.fields: Any = None
        # The application's `Content-Length`.
        self.length: int | None = None
        self.sent = 0
        self.body: Any = None
        self.stream: Any = None
        self.started = False

    def start_response(
        self, status: str, headers: Headers, exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """Takes the head of the response. It is sent with the first byte of the body."""
        if exc_info is not None:
            try:
                if self.started:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # no circle with the traceback
        elif self.status:
            raise RuntimeError("the application called start_response twice, the second time without exc_info")
        code = parse_status(status)
        self.length = None
        try:
            entries: Entries = []
            for name, value in headers:
                entries.append((name, value.encode("latin-1")))
                if len(name) == 14 and name.lower() == "content-length":
                    self.length = int(value)
            self.fields = self.types.Fields.from_list(entries)
        except (AttributeError, TypeError, ValueError, Err):
            self.fields = None
        if self.fields is None:
            self.fields = fields(self.types, checked(headers))
        self.status = code
        return self.write

    def write(self, data: bytes) -> None:
        """Sends the head if that has not happened, and then these bytes; returns when the host has taken them."""
        if data:
            if not self.started:
                self.start(None)
            self.send(data)

    def start(self, length: int | None) -> None:
        """Sends the head. `length` is that of the whole body, if it is known."""
        self.check_start(length)
        response = self.types.OutgoingResponse(self.fields)
        if self.status != 200:
            response.set_status_code(self.status)
        self.body = response.body()
        self.started = True
        self.types.ResponseOutparam.set(self.out, Ok(response))
        self.stream = self.body.write()

    def check_start(self, length: int | None) -> None:
        if not self.status:
            raise RuntimeError("the application sent a body before it called start_response")
        if self.status < 200 or self.status in (204, 304):
            self.has_no_body = True
        elif length is not None:
            if self.length is None:
                self.fields.append("content-length", b"%d" % length)
            elif length != self.length and not self.has_no_body:
                raise RuntimeError(f"the application sent {length} bytes, and its Content-Length is {self.length}")

    def send(self, data: bytes) -> None:
        if self.has_no_body:
            return
        size = len(data)
        self.count(size)
        stream = self.stream
        try:
            if size <= AT_ONCE:
                stream.blocking_write_and_flush(data)
            else:
                write_much(stream, data)
        except Err:
            raise ClientDisconnected("the client has left before the end of the response") from None

    def count(self, size: int) -> None:
        self.sent += size
        if self.length is not None and self.sent > self.length:
            raise RuntimeError(f"the application sent more than the {self.length} bytes of its Content-Length")

    def begin(self, items: Any) -> Iterator[bytes]:
        """Sends the head and the first part of what the application has returned. Returns the other parts."""
        iterator: Iterator[Any] = iter(items)
        only = hasattr(items, "__len__") and len(items) == 1
        for item in iterator:
            if item:
                if not isinstance(item, bytes):
                    raise TypeError(f"the parts of a body must be bytes, not {type(item).__name__}")
                if not self.started:
                    self.start(len(item) if only else None)
                self.send(item)
                return iterator
        if not self.started:
            # A HEAD may have no body where GET has one.
            self.start(None if self.has_no_body else 0)
        return iterator

    def run(self, items: Iterable[bytes]) -> None:
        """Sends what the application has returned, and ends the response."""
        for item in self.begin(items):
            if item:
                self.send(item)
        self.finish()

    def finish(self) -> None:
        stream, self.stream = self.stream, None
        # The host has to have the stream back before the body can end.
        stream.__exit__(None, None, None)
        self.check_length()
        body, self.body = self.body, None
        try:
            self.types.OutgoingBody.finish(body, None)
        except Err:
            # A response to HEAD has the length of the body that it does not have.
            if not self.has_no_body:
                raise

    def check_length(self) -> None:
        if not self.has_no_body and self.length is not None and self.sent < self.length:
            raise RuntimeError(f"the application sent {self.sent} of the {self.length} bytes of its Content-Length")

    def fail(self, error: Exception) -> None:
        """Answers with 500, or cuts the response off if it has begun: a body that is not finished counts as broken off."""
        if not is_about_client(error):
            report(error)
        self.stream = self.body = None
        if not self.started:
            self.status, self.length, self.sent = 500, None, 0
            text = b"Internal Server Error\n"
            self.fields = self.types.Fields.from_list([("content-type", b"text/plain; charset=utf-8")])
            try:
                self.start(len(text))
                self.send(text)
                self.finish()
            except Exception as second:
                complain(f"the response to this could not be sent either: {second!r}")


def parse_status(status: object) -> int:
    if not isinstance(status, str):
        raise TypeError(f"the status must be a str such as '200 OK': {status!r}")
    if not status[:3].isdecimal() or status[3:4] not in ("", " ") or len(status) < 3:
        raise ValueError(f"the status must begin with three digits and a space, such as '200 OK': {status!r}")
    return int(status[:3])


def write_much(stream: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        count = stream.check_write()
        if not count:
            with stream.subscribe() as ready:
                ready.block()
            continue
        stream.write(view[:count])
        view = view[count:]
    stream.blocking_flush()


def handler(app: Application, world: World) -> type[Any]:
    """The class `IncomingHandler` for `wasi:http/incoming-handler@0.2`."""
    types = world.types
    environment = Environment(world)

    class WsgiHandler:
        def handle(self, request: Any, response_out: Any) -> None:
            environ = environment.make(
                request.method(),
                request.path_with_query(),
                request.scheme(),
                request.authority(),
                request.headers().entries(),
            )
            environ["wsgi.input"] = Input(Body2, request)
            response = Response(types, response_out, environ["REQUEST_METHOD"] == "HEAD")
            try:
                items = app(environ, response.start_response)
                try:
                    response.run(items)
                finally:
                    close = getattr(items, "close", None)
                    if close is not None:
                        close()
            except Exception as error:
                response.fail(error)

    return WsgiHandler
