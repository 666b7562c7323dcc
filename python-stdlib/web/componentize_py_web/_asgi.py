"""ASGI 3: the scope of a request, and `receive` and `send`, for both versions of `wasi:http`."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from ._errors import ClientDisconnected, complain, is_about_client, report
from ._headers import HOP_BY_HOP, Entries
from ._lifespan import Lifespan, StartupFailed
from ._world import World, split_authority

# From this version on, `send` raises an `OSError` for a client that has left.
VERSION = {"version": "3.0", "spec_version": "2.4"}


class Transport(Protocol):
    """The functions of the host for one request."""

    async def read(self) -> bytes:
        """The next part of the request's body, or nothing at its end."""
        ...

    async def start(self, status: int, headers: Entries, has_body: bool) -> None:
        """Sends the head of the response. Raises `Err` if the host does not accept the headers."""

    async def write(self, data: bytes) -> None:
        """Sends a part of the body as fast as the client takes it. Raises `ClientDisconnected`."""

    async def finish(self) -> None:
        """Ends the body."""

    def abort(self) -> None:
        """Cuts the response off, so that nobody takes it for whole."""


class Scopes:
    """Makes the scope of each request."""

    def __init__(self, world: World) -> None:
        self.methods = world.methods
        self.schemes = world.schemes

    def make(
        self, method: Any, target: str | None, scheme: Any, authority: str | None, entries: Entries
    ) -> dict[str, Any]:
        raw_path, _, query = (target or "/").partition("?")
        url_scheme = self.schemes.get(scheme.__class__, "http")
        headers = [(name.lower().encode(), value) for name, value in entries]
        host = next((value.decode("latin-1") for name, value in headers if name == b"host"), None)
        if host is None:
            headers.insert(0, (b"host", (authority or "localhost").encode()))
        server, port = split_authority(authority or host or "localhost", url_scheme)
        return {
            "type": "http",
            "asgi": VERSION,
            "http_version": "1.1",
            "method": self.methods.get(method.__class__) or method.value,
            "scheme": url_scheme,
            "path": unquote_to_bytes(raw_path).decode("utf-8", "replace") if "%" in raw_path else raw_path,
            "raw_path": raw_path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            # The host does not tell who the client is.
            "client": None,
            "server": (server, int(port)),
            "extensions": {},
        }


class Exchange:
    """One request and its response."""

    __slots__ = ("transport", "is_head", "head", "started", "finished", "has_body", "length", "sent", "read_all", "waiting")

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.is_head = False
        # The response's head, until the first part of its body comes.
        self.head: tuple[int, Entries] | None = None
        self.started = self.finished = self.read_all = False
        self.has_body = True
        self.length: int | None = None
        self.sent = 0
        # Tasks that wait for the end of the response.
        self.waiting: asyncio.Future[None] | None = None

    async def receive(self) -> dict[str, Any]:
        """The application's `receive`."""
        if not self.read_all and not self.finished:
            try:
                data = await self.transport.read()
            except ClientDisconnected:
                self.finished = True
                return {"type": "http.disconnect"}
            self.read_all = not data
            return {"type": "http.request", "body": data, "more_body": bool(data)}
        if not self.finished:
            if self.waiting is None:
                self.waiting = asyncio.get_running_loop().create_future()
            await asyncio.shield(self.waiting)
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """The application's `send`."""
        kind = message["type"]
        if kind == "http.response.start":
            if self.head is not None or self.started:
                raise RuntimeError("the application sent `http.response.start` twice")
            status = message["status"]
            if not isinstance(status, int):
                raise TypeError(f"the status must be a number: {status!r}")
            self.head = status, self.entries(message.get("headers", ()))
        elif kind == "http.response.body":
            if self.finished:
                raise RuntimeError("the application sent a body after the end of its response")
            if not self.started:
                await self.start(message)
            await self.write(message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError(f"the application sent `{kind}` in response to an HTTP request")

    def entries(self, headers: Any) -> Entries:
        """The headers without those of the connection, which hosts refuse."""
        entries: Entries = []
        for name, value in headers:
            text = name.decode("latin-1").lower()
            if text == "content-length":
                self.length = int(value)
            if text not in HOP_BY_HOP:
                entries.append((text, bytes(value)))
        return entries

    async def start(self, message: dict[str, Any]) -> None:
        if self.head is None:
            raise RuntimeError("the application sent a body before `http.response.start`")
        status, entries = self.head
        if self.is_head or status < 200 or status in (204, 304):
            self.has_body = False
        elif not message.get("more_body", False):
            size = len(message.get("body", b""))
            if self.length is None:
                entries.append(("content-length", b"%d" % size))
            elif self.length != size:
                raise RuntimeError(f"the application sent {size} bytes, and its Content-Length is {self.length}")
        await self.transport.start(status, entries, self.has_body)
        self.started, self.head = True, None

    async def write(self, data: bytes, more: bool) -> None:
        try:
            if data and self.has_body:
                self.sent += len(data)
                if self.length is not None and self.sent > self.length:
                    raise RuntimeError(f"the application sent more than the {self.length} bytes of its Content-Length")
                await self.transport.write(data)
            if not more:
                if self.has_body and self.length is not None and self.sent < self.length:
                    raise RuntimeError(f"the application sent {self.sent} of the {self.length} bytes of its Content-Length")
                await self.transport.finish()
                self.end()
        except ClientDisconnected:
            self.end()
            raise

    def end(self) -> None:
        self.finished = True
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)

    async def fail(self, error: BaseException | None) -> None:
        """Answers with 500, or cuts the response off if it has begun."""
        if error is not None and not isinstance(error, StartupFailed) and not is_about_client(error):
            report(error)
        if self.finished:
            return
        if self.started:
            self.transport.abort()
            self.end()
            return
        text = b"Internal Server Error\n"
        self.length = None
        self.head = 500, [("content-type", b"text/plain; charset=utf-8")]
        try:
            message = {"type": "http.response.body", "body": text}
            await self.send(message)
        except Exception as second:
            complain(f"the response to this could not be sent either: {second!r}")
            self.transport.abort()


# The request that a task belongs to. Tasks have it from the one that has started them.
_owner: contextvars.ContextVar[Exchange | None] = contextvars.ContextVar("componentize_py_web_request", default=None)


def owner_of(task: Any) -> Exchange | None:
    context: contextvars.Context = task.get_context()
    return context.get(_owner)


async def respond(app: Any, lifespan: Lifespan, scope: dict[str, Any], transport: Transport) -> None:
    """Answers a request, and waits for what the application does after its response."""
    exchange = Exchange(transport)
    try:
        # Its tasks belong to no request, and need not end with one.
        await lifespan.enter()
    except StartupFailed as error:
        await exchange.fail(error)
        return
    scope["state"] = lifespan.state.copy()
    exchange.is_head = scope["method"] == "HEAD"
    _owner.set(exchange)
    await call(app, scope, exchange)
    this = asyncio.current_task()
    while tasks := [task for task in asyncio.all_tasks() if owner_of(task) is exchange and task is not this]:
        await asyncio.wait(tasks)
    _owner.set(None)
    await lifespan.leave()


async def call(app: Any, scope: dict[str, Any], exchange: Exchange) -> None:
    try:
        await app(scope, exchange.receive, exchange.send)
    except (Exception, asyncio.CancelledError) as error:
        await exchange.fail(error)
    else:
        if not exchange.finished:
            complain(f"the application returned {'within' if exchange.started else 'without'} a response")
            await exchange.fail(None)
