"""aiohttp: routes, forms and WebSocket frames without a socket, and a connection that is attempted."""

import asyncio

import aiohttp
import yarl
from aiohttp import web
from aiohttp.test_utils import make_mocked_request


async def handler(request):
    return web.json_response({"name": request.match_info["name"], "q": request.query["q"]})


def test_route():
    async def main():
        app = web.Application()
        app.router.add_get("/hello/{name}", handler)
        request = make_mocked_request("GET", "/hello/you?q=a%20b", app=app)
        found = await app.router.resolve(request)
        request._match_info = found
        return await found.handler(request)

    response = asyncio.run(main())
    assert (response.status, response.text) == (200, '{"name": "you", "q": "a b"}'), response.text


def test_form():
    form = aiohttp.FormData({"a": "é"})
    assert form().decode() == "a=%C3%A9"
    assert str(yarl.URL("http://example.com/a b") % {"q": "é"}) == "http://example.com/a%20b?q=%C3%A9"


def test_refused_connection():
    async def main():
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session:
            await session.get("http://127.0.0.1:1/")

    try:
        asyncio.run(main())
    except aiohttp.ClientError:
        return
    raise AssertionError("a connection without a server")
