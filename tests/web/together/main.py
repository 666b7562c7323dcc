"""Several requests in one instance at once, as hosts of 0.3 may send them. Those that `serve` sends only start them: each of them
lets the adapter answer five at a time, for an application whose startup takes longer than a request."""

import asyncio
import sys
from typing import Any, List

from componentize_py_web._asgi import respond
from componentize_py_web._lifespan import Lifespan

events: List[str] = []
never = asyncio.Event()


async def inner(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await asyncio.sleep(0.01)
        events.append("startup")
        scope["state"]["requests"] = []
        await send({"type": "lifespan.startup.complete"})
        # One that belongs to no request, so that none waits for it.
        task = asyncio.create_task(never.wait())
        await receive()
        task.cancel()
        events.append("shutdown")
        await send({"type": "lifespan.shutdown.complete"})
        return
    # The dictionary is a copy, and what is in it is shared.
    scope["state"]["requests"].append(scope["number"])
    scope["state"]["mine"] = scope["number"]
    await asyncio.sleep(0.001 * (5 - scope["number"]))
    assert scope["state"]["mine"] == scope["number"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = f"{scope['number']} of {sorted(scope['state']['requests'])}"
    await send({"type": "http.response.body", "body": body.encode()})
    asyncio.create_task(after(scope["number"]))


async def after(number: int) -> None:
    await asyncio.sleep(0.01)
    events.append(f"after {number}")


class Client:
    def __init__(self) -> None:
        self.body = b""

    async def read(self) -> bytes:
        return b""

    async def start(self, status: int, headers: Any, has_body: bool) -> None:
        self.status = status

    async def write(self, data: bytes) -> None:
        self.body += data

    async def finish(self) -> None:
        events.append(f"answered {self.body[:1].decode()}")

    def abort(self) -> None:
        events.append("aborted")


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise ValueError("not of this one")
    lifespan = Lifespan(inner, scope["query_string"].decode())
    lines = []
    for _ in range(2):
        events.clear()
        clients = [Client() for _ in range(5)]
        scopes = [{"type": "http", "method": "GET", "number": number} for number in range(5)]
        await asyncio.gather(*(respond(inner, lifespan, one, client) for one, client in zip(scopes, clients)))
        lines += [", ".join(events), " ".join(f"{client.status} {client.body.decode()}" for client in clients)]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": "\n".join(lines).encode()})
    if lifespan.current is not None:
        await lifespan.current.end()
    print("ended", file=sys.stderr)
