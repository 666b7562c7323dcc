"""Starlette: routes, functions in threads, forms, WebSockets and files, asked by HTTPX."""

import asyncio
import os

import httpx2
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

done = []


async def item(request):
    task = BackgroundTask(done.append, request.path_params["number"])
    return JSONResponse({"number": request.path_params["number"]}, background=task)


def plain(request):
    return StreamingResponse(iter(["a" * 600, "b" * 600]))


async def form(request):
    async with request.form() as form:
        return JSONResponse({"note": form["note"], "size": len(await form["file"].read())})


async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_json({"said": text})


app = Starlette(
    routes=[
        Route("/items/{number:int}", item),
        Route("/plain", plain),
        Route("/form", form, methods=["POST"]),
        WebSocketRoute("/echo", echo),
        Mount("/static", StaticFiles(directory="/tmp/static", check_dir=False)),
    ],
    middleware=[Middleware(GZipMiddleware)],
)


def ask(method, path, **options):
    async def main():
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://check") as client:
            return await client.request(method, path, **options)

    return asyncio.run(main())


def test_route_and_task():
    assert ask("GET", "/items/7").json() == {"number": 7} and done == [7]
    assert ask("GET", "/items/x").status_code == 404


def test_function_in_a_thread():
    answer = ask("GET", "/plain", headers={"accept-encoding": "gzip"})
    assert answer.text == "a" * 600 + "b" * 600 and answer.headers["content-encoding"] == "gzip"


def test_form():
    answer = ask("POST", "/form", data={"note": "é"}, files={"file": ("a", b"x" * 1_500_000)})
    assert answer.json() == {"note": "é", "size": 1_500_000}


def test_static_file():
    os.mkdir("/tmp/static")
    with open("/tmp/static/a.css", "w") as file:
        file.write("b {}")
    answer = ask("GET", "/static/a.css")
    assert answer.text == "b {}" and answer.headers["content-type"].startswith("text/css")
    assert ask("GET", "/static/none.css").status_code == 404


def test_websocket():
    sent = []
    scope = {"type": "websocket", "path": "/echo", "headers": [], "query_string": b"", "subprotocols": []}
    asked = iter(
        [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": "hi"},
            {"type": "websocket.disconnect", "code": 1000},
        ]
    )

    async def receive():
        return next(asked)

    async def send(message):
        sent.append((message["type"], message.get("text")))

    asyncio.run(app(scope, receive, send))
    assert sent == [("websocket.accept", None), ("websocket.send", '{"said":"hi"}')], sent
