"""ASGI on `wasi:http` 0.3, where the requests of an instance share the event loop of the runtime."""

from __future__ import annotations

import asyncio
from typing import Any

from componentize_py_async_support import spawn
from componentize_py_types import Ok

from ._asgi import Scopes, respond
from ._environ import READ_SIZE
from ._errors import ClientDisconnected
from ._headers import Entries, fields
from ._lifespan import Lifespan
from ._world import World
from ._wsgi3 import Head


class Transport3:
    """The functions of the host for one request."""

    def __init__(self, head: Head, request: Any) -> None:
        self.head = head
        self.request = request
        self.incoming: Any = None
        self.problem: Any = None
        self.stream: Any = None
        self.trailers: Any = None
        # The reader of the body hears this at its end.
        self.outcome: Any = head.failed
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def read(self) -> bytes:
        if self.request is not None:
            request, self.request = self.request, None
            self.incoming, self.problem = self.head.open(request)
        if self.incoming is None:
            return b""
        data: bytes = await self.incoming.read(READ_SIZE)
        if not data:
            self.incoming = None
            await self.head.check(self.problem)
        return data

    async def start(self, status: int, headers: Entries, has_body: bool) -> None:
        reader = None
        if has_body:
            self.stream, reader = self.head.stream()
        self.trailers, trailers = self.head.trailers(lambda: self.outcome)
        response, _ = self.head.types.Response.new(fields(self.head.types, headers), reader, trailers)
        if status != 200:
            response.set_status_code(status)
        self.answer.set_result(response)

    async def write(self, data: bytes) -> None:
        if await self.stream.write_all(data) < len(data):
            raise ClientDisconnected("the client has left before the end of the response")

    async def finish(self) -> None:
        self.outcome = Ok(None)
        self.abort()

    def abort(self) -> None:
        if self.stream is not None:
            self.stream.__exit__(None, None, None)
        self.stream = self.trailers = None
        if not self.answer.done():
            self.answer.set_exception(RuntimeError("the application gave no response"))


def handler(app: Any, world: World, lifespan: Lifespan) -> type[Any]:
    """The class `Handler` for `wasi:http/handler@0.3`."""
    scopes = Scopes(world)
    head = Head(world)
    if lifespan.mode == "build":
        lifespan.start_while_building(asyncio.new_event_loop())

    class AsgiHandler:
        async def handle(self, request: Any) -> Any:
            scope = scopes.make(
                request.get_method(),
                request.get_path_with_query(),
                request.get_scheme(),
                request.get_authority(),
                request.get_headers().copy_all(),
            )
            transport = Transport3(head, request)
            # What the application does after its response goes on when this has returned.
            spawn(respond(app, lifespan, scope, transport))
            return await transport.answer

    return AsgiHandler
