"""A Starlette application: nothing in it is for components."""

import contextlib
import sys
from pathlib import Path
from typing import Any, AsyncIterator

import anyio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")


def log(text: str) -> None:
    print(text, file=sys.stderr)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[Any]:
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 3600)
        yield {"motto": "slowly but surely"}
        group.cancel_scope.cancel()
        log("shutdown")


async def index(request: Request) -> Response:
    return templates.TemplateResponse(request, "index.html", {"motto": request.state.motto})


def plain(request: Request) -> Response:
    """Not `async`: it runs in a thread."""
    return PlainTextResponse(f"{request.method} {request.url} {request.client}")


async def body(request: Request) -> Response:
    return JSONResponse({"json": await request.json()})


async def count(request: Request) -> Response:
    total = 0
    async for part in request.stream():
        total += len(part)
    return PlainTextResponse(str(total))


async def upload(request: Request) -> Response:
    async with request.form() as form:
        file: Any = form["file"]
        content = await file.read()
        return JSONResponse({"name": file.filename, "size": len(content), "note": form["note"]})


async def stream(request: Request) -> Response:
    async def lines() -> AsyncIterator[str]:
        for number in range(3):
            await anyio.sleep(0.001)
            yield f"line {number}\n"

    return StreamingResponse(lines(), media_type="text/plain")


async def events(request: Request) -> Response:
    async def forever() -> AsyncIterator[str]:
        yield "data: first\n\n"
        await anyio.sleep(3600)

    return StreamingResponse(forever(), media_type="text/event-stream")


async def endless(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        while True:
            yield bytes(100_000)

    return StreamingResponse(parts())


async def background(request: Request) -> Response:
    async def work() -> None:
        await anyio.sleep(0.02)
        log("in the background")

    return PlainTextResponse("answered", background=BackgroundTask(work))


async def visit(request: Request) -> Response:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return PlainTextResponse(str(request.session["visits"]))


async def together(request: Request) -> Response:
    results = {}

    async def work(number: int) -> None:
        await anyio.sleep(0.001 * (3 - number))
        results[number] = await anyio.to_thread.run_sync(lambda: number * 2)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(work, number)
    return JSONResponse(results)


async def fails(request: Request) -> Response:
    raise RuntimeError("not for the client")


async def refused(request: Request) -> Response:
    raise HTTPException(418, "a teapot")


async def redirect(request: Request) -> Response:
    return RedirectResponse(request.url_for("plain"))


async def socket(websocket: Any) -> None:
    await websocket.accept()


async def teapot(request: Request, error: Any) -> Response:
    return PlainTextResponse(f"{error.status_code}: {error.detail}", error.status_code)


async def whole(request: Request) -> Response:
    return FileResponse(HERE / "static/long.txt")


async def timed(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    response.headers["x-middleware"] = "was here"
    return response


app = Starlette(
    routes=[
        Route("/", index),
        Route("/plain", plain, methods=["GET", "POST"]),
        Route("/body", body, methods=["POST"]),
        Route("/count", count, methods=["POST"]),
        Route("/upload", upload, methods=["POST"]),
        Route("/stream", stream),
        Route("/events", events),
        Route("/endless", endless),
        Route("/background", background),
        Route("/visit", visit),
        Route("/together", together),
        Route("/fails", fails),
        Route("/refused", refused),
        Route("/redirect", redirect),
        Route("/file", whole),
        WebSocketRoute("/socket", socket),
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
    ],
    exception_handlers={418: teapot},
    middleware=[
        Middleware(BaseHTTPMiddleware, dispatch=timed),
        Middleware(SessionMiddleware, secret_key="only for tests"),
        Middleware(GZipMiddleware, minimum_size=10_000_000),
    ],
    lifespan=lifespan,
)
