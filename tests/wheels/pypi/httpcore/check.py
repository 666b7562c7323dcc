"""httpcore: HTTP/1.1 over a mock of the network."""

import asyncio

import httpcore

ANSWER = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 5\r\nX-A: b\r\n\r\n", b"hello"]


def test_pool():
    with httpcore.ConnectionPool(network_backend=httpcore.MockBackend(ANSWER)) as pool:
        response = pool.request("GET", "http://example.com/")
        assert (response.status, response.content) == (200, b"hello")
        assert (b"X-A", b"b") in response.headers


def test_async_pool():
    async def ask():
        async with httpcore.AsyncConnectionPool(network_backend=httpcore.AsyncMockBackend(ANSWER)) as pool:
            return await pool.request("POST", "http://example.com/", content=b"x")

    assert asyncio.run(ask()).content == b"hello"


def test_broken_answer():
    pool = httpcore.ConnectionPool(network_backend=httpcore.MockBackend([b"no HTTP\r\n\r\n"]))
    try:
        pool.request("GET", "http://example.com/")
    except httpcore.RemoteProtocolError:
        return
    raise AssertionError("a broken answer is accepted")
