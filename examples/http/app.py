"""Answers HTTP requests of WASI 0.2.

`POST /echo` sends the body back while it still arrives. `GET /hash-all` fetches all URLs in the `url` headers at the
same time, and answers with a line for each as soon as its hash is known.
"""

import asyncio
import hashlib
from urllib.parse import urlsplit

from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream, send
from wit_world import exports
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Get,
    Method_Post,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
    Scheme_Other,
)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        asyncio.run(answer(request, response_out), loop_factory=PollLoop)


async def answer(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    match request.method(), request.path_with_query():
        case Method_Get(), "/":
            sink = respond(response_out, 200, "text/plain")
            await sink.send(b"POST /echo, or GET /hash-all with url headers\n")
            sink.close()
        case Method_Post(), "/echo":
            await echo(request, response_out)
        case Method_Get(), "/hash-all":
            await hash_all(request, response_out)
        case _:
            respond(response_out, 404, "text/plain").close()


def respond(response_out: ResponseOutparam, status: int, content_type: str) -> Sink:
    """Sends the head of the response. Its body goes into the sink."""
    response = OutgoingResponse(Fields.from_list([("content-type", content_type.encode())]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    return Sink(body)


async def echo(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    content_type = request.headers().get("content-type")
    stream = Stream(request.consume())
    sink = respond(response_out, 200, content_type[0].decode() if content_type else "application/octet-stream")
    while (chunk := await stream.next()) is not None:
        await sink.send(chunk)
    sink.close()


async def hash_all(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    urls = [value.decode() for value in request.headers().get("url")]
    sink = respond(response_out, 200, "text/plain")
    for line in asyncio.as_completed([line_for(url) for url in urls]):
        await sink.send((await line).encode())
    sink.close()


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
    request = OutgoingRequest(Fields())
    match parts.scheme:
        case "http":
            request.set_scheme(Scheme_Http())
        case "https":
            request.set_scheme(Scheme_Https())
        case other:
            request.set_scheme(Scheme_Other(other))
    request.set_authority(parts.netloc)
    request.set_path_with_query(parts._replace(scheme="", netloc="", fragment="").geturl() or "/")

    with await send(request) as response:
        if response.status() != 200:
            return f"status {response.status()}"
        hasher = hashlib.sha256()
        stream = Stream(response.consume())
        while (chunk := await stream.next()) is not None:
            hasher.update(chunk)
        return hasher.hexdigest()
