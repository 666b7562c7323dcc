"""Requests that an ASGI application answers while the component is built."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from ._asgi import Scopes, respond
from ._headers import Entries
from ._lifespan import Lifespan
from ._warm import check
from ._world import World


def ask_asgi(app: Any, world: World, lifespan: Lifespan, targets: Iterable[str]) -> None:
    """Lets the application answer `GET` requests, with a startup before each and a shutdown after it."""
    scopes = Scopes(world)
    mode, lifespan.mode = lifespan.mode, "request" if lifespan.mode == "instance" else lifespan.mode
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        for target in targets:
            scope = scopes.make(world.types.Method_Get(), target, None, "localhost", [])
            nobody = Nobody()
            loop.run_until_complete(respond(app, lifespan, scope, nobody))
            check(target, str(nobody.status))
    lifespan.mode = mode


class Nobody:
    """A client without a body that takes everything."""

    status = 0

    async def read(self) -> bytes:
        return b""

    async def start(self, status: int, headers: Entries, has_body: bool) -> None:
        self.status = status

    async def write(self, data: bytes) -> None:
        pass

    async def finish(self) -> None:
        pass

    def abort(self) -> None:
        self.status = 500
