"""HTTPX: mock transport, apps by ASGI and WSGI, errors."""

import asyncio

import httpx


def answer(request):
    if request.url.path == "/moved":
        return httpx.Response(302, headers={"location": "/there"})
    return httpx.Response(200, json={"path": request.url.path, "body": request.content.decode()})


async def app(scope, receive, send):
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x-method", scope["method"].encode())]})
    await send({"type": "http.response.body", "body": body.upper()})


def test_mock_transport():
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://example.com") as client:
        assert client.post("/a", json={"é": 1}).json() == {"path": "/a", "body": '{"é":1}'}
        followed = client.get("/moved", follow_redirects=True)
        assert followed.json()["path"] == "/there" and len(followed.history) == 1


def test_asgi():
    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as client:
            return await client.put("/", content=b"body")

    response = asyncio.run(ask())
    assert (response.status_code, response.text, response.headers["x-method"]) == (201, "BODY", "PUT")


def test_wsgi():
    def wsgi(environ, start):
        start("200 OK", [("content-type", "text/plain")])
        return [environ["QUERY_STRING"].encode()]

    with httpx.Client(transport=httpx.WSGITransport(app=wsgi), base_url="http://x") as client:
        assert client.get("/", params={"a": "b c"}).text == "a=b+c"


def test_status_error():
    transport = httpx.MockTransport(lambda request: httpx.Response(503))
    try:
        httpx.Client(transport=transport).get("http://x/").raise_for_status()
    except httpx.HTTPStatusError as error:
        assert error.response.status_code == 503
        return
    raise AssertionError("no error")
