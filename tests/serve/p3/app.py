"""Does what the path says, through WASI 0.3."""

import asyncio
import os
import sys

import wit_world
from componentize_py_async_support import spawn
from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import client
from wit_world.imports.wasi_http_types import (
    ErrorCode_InternalError,
    Fields,
    Request,
    Response,
    Scheme_Http,
)

requests = 0
held: list[object] = []
present = 0


def no_trailers():
    _, reader = wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))
    return reader


def stream(body, status: int = 200) -> Response:
    response, _ = Response.new(Fields(), body, no_trailers())
    response.set_status_code(status)
    return response


def say(text: str, status: int = 200) -> Response:
    writer, reader = wit_world.byte_stream()

    async def write() -> None:
        with writer:
            await writer.write_all(text.encode())

    spawn(write())
    return stream(reader, status)


def echo(request: Request) -> Response:
    _, done = wit_world.result_unit_wasi_http_types_error_code_future(lambda: Ok(None))
    body, _ = Request.consume_body(request, done)
    writer, reader = wit_world.byte_stream()

    async def copy() -> None:
        with body, writer:
            while not body.writer_dropped:
                chunk = await body.read(65536)
                if chunk and await writer.write_all(chunk) < len(chunk):
                    break

    spawn(copy())
    return stream(reader)


def abort_late() -> Response:
    writer, reader = wit_world.byte_stream()

    async def write() -> None:
        await writer.write_all(b"some")
        os.abort()

    spawn(write())
    return stream(reader)


def unfinished() -> Response:
    writer, reader = wit_world.byte_stream()
    held.append(writer)
    spawn(writer.write_all(b"some"))
    return stream(reader)


async def later(seconds: float) -> None:
    await asyncio.sleep(seconds)
    print("later", file=sys.stderr, flush=True)


async def fetch(authority: str) -> str:
    request, _ = Request.new(Fields(), None, no_trailers(), None)
    request.set_scheme(Scheme_Http())
    request.set_authority(authority)
    request.set_path_with_query("/from-the-app")
    try:
        response = await client.send(request)
        return f"status {response.get_status_code()}"
    except Err as error:
        return f"refused: {type(error.value).__name__}"


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        global requests, present
        requests += 1
        path, _, query = (request.get_path_with_query() or "/").partition("?")
        match path:
            case "/":
                return say("Hello, World!")
            case "/count":
                return say(str(requests))
            case "/target":
                return say(f"{type(request.get_scheme()).__name__} {request.get_authority()}")
            case "/echo":
                return echo(request)
            case "/raise":
                raise ValueError("as asked")
            case "/abort-late":
                return abort_late()
            case "/error":
                raise Err(ErrorCode_InternalError("as asked"))
            case "/loop":
                print("looping", file=sys.stderr, flush=True)
                while True:
                    pass
            case "/wait":
                print("waiting", file=sys.stderr, flush=True)
                await asyncio.sleep(float(query))
                return say("waited")
            case "/eat":
                kept = []
                while True:
                    kept.append(bytearray(1 << 20))
            case "/full":
                try:
                    eaten = []
                    while True:
                        eaten.append(bytearray(1 << 20))
                except MemoryError:
                    eaten = []
                return say("full")
            case "/keep":
                held.append(request)
                return say("kept")
            case "/unfinished":
                return unfinished()
            case "/meet":
                present += 1
                while present < 2:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(1)
                return say("met")
            case "/later":
                spawn(later(float(query)))
                return say("soon")
            case "/print":
                print("to stdout")
                print("to stderr", file=sys.stderr)
                print("without an end", end="", file=sys.stderr)
                return say("printed")
            case "/fetch":
                return say(await fetch(query))
            case _:
                return say("not here", 404)
