"""ASGI on `wasi:http` 0.2, by the event loop `poll_loop`."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from componentize_py_types import Err, Ok

from ._asgi import Scopes, respond
from ._environ import READ_SIZE
from ._errors import ClientDisconnected
from ._headers import Entries, fields
from ._lifespan import Lifespan
from ._world import World
from ._wsgi import AT_ONCE


class Transport2:
    """The functions of the host for one request."""

    __slots__ = ("types", "request", "out", "body", "stream", "incoming", "input", "fresh")

    def __init__(self, types: Any, request: Any, out: Any) -> None:
        self.types = types
        self.request = request
        self.out = out
        self.body: Any = None
        self.stream: Any = None
        # The request's body has to outlive its stream.
        self.incoming: Any = None
        self.input: Any = None
        self.fresh = True

    async def read(self) -> bytes:
        if self.request is not None:
            self.incoming = self.request.consume()
            self.input = self.incoming.stream()
            self.request = None
        while self.input is not None:
            try:
                data: bytes = self.input.read(READ_SIZE)
            except Err as error:
                self.input = self.incoming = None
                if type(error.value).__name__ == "StreamError_Closed":
                    break
                raise ClientDisconnected("the client has left before the end of its request") from None
            if data:
                return data
            await ready(self.input)
        return b""

    async def start(self, status: int, headers: Entries, has_body: bool) -> None:
        response = self.types.OutgoingResponse(fields(self.types, headers))
        if status != 200:
            response.set_status_code(status)
        self.body = response.body()
        self.types.ResponseOutparam.set(self.out, Ok(response))
        self.out = None
        if has_body:
            self.stream = self.body.write()

    async def write(self, data: bytes) -> None:
        stream = self.stream
        try:
            if self.fresh and len(data) <= AT_ONCE:
                # Nothing is in its way yet, so that this does not wait.
                stream.blocking_write_and_flush(data)
            else:
                view = memoryview(data)
                while view:
                    while not (count := stream.check_write()):
                        await ready(stream)
                    stream.write(view[:count])
                    view = view[count:]
                stream.flush()
                while not stream.check_write():
                    await ready(stream)
        except Err:
            raise ClientDisconnected("the client has left before the end of the response") from None
        self.fresh = False

    async def finish(self) -> None:
        stream, self.stream = self.stream, None
        body, self.body = self.body, None
        if stream is not None:
            # The host has to have the stream back before the body can end.
            stream.__exit__(None, None, None)
        try:
            self.types.OutgoingBody.finish(body, None)
        except Err:
            # A response to HEAD has the length of the body that it does not have.
            if stream is not None:
                raise ClientDisconnected("the client has left before the end of the response") from None

    def abort(self) -> None:
        # A body that is not finished counts as broken off.
        self.stream = self.body = None


async def ready(stream: Any) -> None:
    poll_loop: Any = sys.modules["poll_loop"]
    await poll_loop.register(asyncio.get_running_loop(), stream.subscribe())


def handler(app: Any, world: World, lifespan: Lifespan) -> type[Any]:
    """The class `IncomingHandler` for `wasi:http/incoming-handler@0.2`."""
    # Only the bindings of a world with requests of its own have it.
    poll_loop: Any = importlib.import_module("poll_loop")
    types = world.types
    scopes = Scopes(world)
    # Made while building, and used for every request.
    loop = poll_loop.PollLoop()
    if lifespan.mode == "build":
        lifespan.start_while_building(loop)

    class AsgiHandler:
        def handle(self, request: Any, response_out: Any) -> None:
            scope = scopes.make(
                request.method(),
                request.path_with_query(),
                request.scheme(),
                request.authority(),
                request.headers().entries(),
            )
            loop.run_until_complete(respond(app, lifespan, scope, Transport2(types, request, response_out)))

    return AsgiHandler
