"""Answers HTTP requests of WASI 0.3, where functions are asynchronous themselves and bodies are streams.

`POST /echo` sends the body back while it still arrives. `GET /hash-all` fetches all URLs in the `url` headers at the
same time, and answers with a line for each as soon as its hash is known.
"""

import asyncio
import hashlib
from urllib.parse import urlsplit

import wit_world
from componentize_py_async_support import spawn
from componentize_py_async_support.futures import FutureReader
from componentize_py_async_support.streams import ByteStreamReader, ByteStreamWriter
from componentize_py_types import Err, Ok, Result
from wit_world import exports
from wit_world.imports import client
from wit_world.imports.wasi_http_types import (
    ErrorCode,
    Fields,
    Method_Get,
    Method_Post,
    Request,
    Response,
    Scheme_Http,
    Scheme_Https,
    Scheme_Other,
)

READ_SIZE = 64 * 1024


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        # The body of the response is written after `handle` has returned its head.
        sink, body = wit_world.byte_stream()
        match request.get_method(), request.get_path_with_query():
            case Method_Get(), "/":
                spawn(write(sink, b"POST /echo, or GET /hash-all with url headers\n"))
                return respond(200, "text/plain", body)
            case Method_Post(), "/echo":
                content_type = request.get_headers().get("content-type")
                stream, _trailers = Request.consume_body(request, no_error())
                spawn(echo(stream, sink))
                return respond(200, content_type[0].decode() if content_type else "application/octet-stream", body)
            case Method_Get(), "/hash-all":
                spawn(hash_all([value.decode() for value in request.get_headers().get("url")], sink))
                return respond(200, "text/plain", body)
        return respond(404, "text/plain", None)


def respond(status: int, content_type: str, body: ByteStreamReader | None) -> Response:
    headers = Fields.from_list([("content-type", content_type.encode())])
    response, _sent = Response.new(headers, body, no_trailers())
    response.set_status_code(status)
    return response


# A future that nobody writes to sends its default, as soon as its writer is gone.


def no_error() -> FutureReader[Result[None, ErrorCode]]:
    return wit_world.result_unit_wasi_http_types_error_code_future(lambda: Ok(None))[1]


def no_trailers() -> FutureReader[Result[Fields | None, ErrorCode]]:
    return wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))[1]


async def write(sink: ByteStreamWriter, data: bytes) -> None:
    with sink:
        await sink.write_all(data)


async def echo(stream: ByteStreamReader, sink: ByteStreamWriter) -> None:
    with stream, sink:
        while chunk := await stream.read(READ_SIZE):
            await sink.write_all(chunk)


async def hash_all(urls: list[str], sink: ByteStreamWriter) -> None:
    with sink:
        for line in asyncio.as_completed([line_for(url) for url in urls]):
            await sink.write_all((await line).encode())


async def line_for(url: str) -> str:
    try:
        async with asyncio.timeout(10):
            return f"{url}: {await sha256(url)}\n"
    except TimeoutError:
        return f"{url}: no answer within 10 seconds\n"
    except Err as error:
        # `None` for an invalid URL, or an `ErrorCode` of wasi:http.
        return f"{url}: {'not a URL' if error.value is None else type(error.value).__name__}\n"


async def sha256(url: str) -> str:
    """The hash of the body at `url`, which is never in memory as a whole."""
    parts = urlsplit(url)
    request, _sent = Request.new(Fields(), None, no_trailers(), None)
    match parts.scheme:
        case "http":
            request.set_scheme(Scheme_Http())
        case "https":
            request.set_scheme(Scheme_Https())
        case other:
            request.set_scheme(Scheme_Other(other))
    request.set_authority(parts.netloc)
    request.set_path_with_query(parts._replace(scheme="", netloc="", fragment="").geturl() or "/")

    response = await client.send(request)
    if response.get_status_code() != 200:
        return f"status {response.get_status_code()}"
    stream, trailers = Response.consume_body(response, no_error())
    hasher = hashlib.sha256()
    with stream:
        while chunk := await stream.read(READ_SIZE):
            hasher.update(chunk)
    # Tells whether the body is complete, or the connection broke off.
    outcome = await trailers.read()
    if isinstance(outcome, Err):
        raise outcome
    return hasher.hexdigest()
