"""The parser and the writer of HTTP, and masks of WebSocket frames, in C."""

import asyncio

from aiohttp import _http_parser, _http_writer, http_exceptions
from aiohttp._websocket import mask, reader_c
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser, HttpResponseParser
from aiohttp.http_writer import _py_serialize_headers
from aiohttp._websocket.helpers import _websocket_mask_python
from multidict import CIMultiDict


def test_the_extensions_are_native():
    assert all(module.__file__.endswith(".so") for module in (_http_parser, _http_writer, mask, reader_c))
    assert HttpRequestParser is _http_parser.HttpRequestParser


def with_loop(work):
    async def main():
        return await work(asyncio.get_running_loop())

    return asyncio.run(main())


def test_requests_in_pieces():
    async def work(loop):
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16, max_line_size=8190, max_field_size=8190)
        data = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
        found = []
        for start in range(0, len(data), 7):
            found += parser.feed_data(data[start : start + 7])[0]
        return found[0][0], await found[0][1].read()

    message, body = with_loop(work)
    assert message.method == "POST" and message.chunked and body == b"hello!"


def test_plain_requests():
    async def work(loop):
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16, max_line_size=8190, max_field_size=8190)
        data = b"PUT /a%20b?q=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
        ((message, payload),), upgraded, rest = parser.feed_data(data)
        return message, await payload.read(), upgraded, rest

    message, body, upgraded, rest = with_loop(work)
    assert (message.method, message.path, message.version, message.should_close) == ("PUT", "/a%20b?q=1", (1, 1), True)
    assert message.headers["host"] == "x" and message.url.query["q"] == "1" and body == b"hello" and not upgraded and not rest


def test_responses():
    async def work(loop):
        parser = HttpResponseParser(BaseProtocol(loop), loop, 2**16, max_line_size=8190, max_field_size=8190)
        ((message, payload),), _, _ = parser.feed_data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nno")
        return message, await payload.read()

    message, body = with_loop(work)
    assert (message.code, message.reason, body) == (404, "Not Found", b"no")
    assert message.headers.getall("set-cookie") == ["a", "b"]


def test_bad_requests():
    async def work(loop):
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16, max_line_size=100, max_field_size=100)
        return parser.feed_data(data)

    for data in (b"GET / HTTP/9.9\r\n\r\n", b"G<T / HTTP/1.1\r\n\r\n", b"GET /" + b"a" * 200 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"):
        try:
            with_loop(work)
        except http_exceptions.HttpProcessingError:
            pass
        else:
            raise AssertionError(data)


def test_writing_and_masks():
    headers = CIMultiDict({"A": "ä", "B": "2"})
    assert _http_writer._serialize_headers("HTTP/1.1 200 OK", headers) == _py_serialize_headers("HTTP/1.1 200 OK", headers)
    try:
        _http_writer._serialize_headers("HTTP/1.1 200 OK", CIMultiDict({"A": "x\r\nB: y"}))
    except ValueError:
        pass
    else:
        raise AssertionError("accepted")
    one = bytearray(range(256)) * 3
    other = bytearray(one)
    mask._websocket_mask_cython(b"mask", one)
    _websocket_mask_python(b"mask", other)
    assert one == other and one[0] == ord("m")
