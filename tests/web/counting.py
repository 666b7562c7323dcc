"""An ASGI application that counts its requests and says what its lifespan does, for the cases about lifespans."""

import sys
from typing import Any


def application(failure: str = "") -> Any:
    """`failure` is the reason for which its startup fails."""
    requests = 0

    async def lifespan(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        print("startup", file=sys.stderr)
        if failure:
            await send({"type": "lifespan.startup.failed", "message": failure})
            raise RuntimeError("not shown: it is reported")
        scope["state"]["made"] = f"before request {requests + 1}"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("shutdown", file=sys.stderr)
        await send({"type": "lifespan.shutdown.complete"})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal requests
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        requests += 1
        text = f"{requests} {scope['state']['made']}"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})

    return app
