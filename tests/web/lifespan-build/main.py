"""Startup while building, so that nothing of it happens at a request."""

import sys
from typing import Any

requests = 0


async def app(scope: Any, receive: Any, send: Any) -> None:
    global requests
    if scope["type"] == "lifespan":
        await receive()
        print("startup", file=sys.stderr)
        scope["state"]["made"] = f"before request {requests + 1}"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("shutdown", file=sys.stderr)
        await send({"type": "lifespan.shutdown.complete"})
        return
    requests += 1
    text = f"{requests} {scope['state']['made']}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})
