"""Does what the path says, through WASI 0.2 and `poll_loop`."""

import asyncio
import os
import sys
from urllib.parse import unquote

from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream, register, send
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.types import (
    ErrorCode_InternalError,
    Fields,
    IncomingRequest,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
)

requests = 0
held: list[object] = []


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, out: ResponseOutparam) -> None:
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(answer(loop, request, out))


def start(out: ResponseOutparam, status: int = 200, headers: list[tuple[str, bytes]] = []) -> OutgoingBody:
    response = OutgoingResponse(Fields.from_list(headers))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(out, Ok(response))
    return body


async def say(out: ResponseOutparam, text: str, status: int = 200) -> None:
    sink = Sink(start(out, status))
    await sink.send(text.encode())
    sink.close()


async def answer(loop: PollLoop, request: IncomingRequest, out: ResponseOutparam) -> None:
    global requests
    requests += 1
    path, _, query = (request.path_with_query() or "/").partition("?")
    match path:
        case "/":
            await say(out, "Hello, World!")
        case "/count":
            await say(out, str(requests))
        case "/target":
            await say(out, f"{type(request.scheme()).__name__} {request.authority()}")
        case "/echo":
            incoming, outgoing = Stream(request.consume()), Sink(start(out))
            while (chunk := await incoming.next()) is not None:
                await outgoing.send(chunk)
            outgoing.close()
        case "/sized":
            sink = Sink(start(out, headers=[("content-length", b"5")]))
            await sink.send(b"sized")
            sink.close()
        case "/raise":
            raise ValueError("as asked")
        case "/raise-late":
            await Sink(start(out)).send(b"some")
            raise ValueError("as asked")
        case "/raise-late-sized":
            await Sink(start(out, headers=[("content-length", b"1000")])).send(b"some")
            raise ValueError("as asked")
        case "/error":
            ResponseOutparam.set(out, Err(ErrorCode_InternalError("as asked")))
        case "/nothing":
            pass
        case "/exit":
            os._exit(1)
        case "/loop":
            print("looping", file=sys.stderr, flush=True)
            while True:
                pass
        case "/wait":
            print("waiting", file=sys.stderr, flush=True)
            await register(loop, monotonic_clock.subscribe_duration(int(float(query) * 1e9)))
            await say(out, "waited")
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
            await say(out, "full")
        case "/keep":
            held.append(request)
            await say(out, "kept")
        case "/unfinished":
            sink = Sink(start(out))
            await sink.send(b"some")
            held.append(sink)
        case "/leave-pollables":
            held.extend(monotonic_clock.subscribe_duration(0) for _ in range(int(query)))
            await say(out, "left")
        case "/print":
            print("to stdout")
            print("to stderr", file=sys.stderr)
            print("without an end", end="", file=sys.stderr)
            await say(out, "printed")
        case "/say":
            print(unquote(query), file=sys.stderr)
            await say(out, "said")
        case "/big":
            sink = Sink(start(out))
            for _ in range(int(query)):
                await sink.send(bytes(1 << 20))
            sink.close()
        case "/drip":
            sink = Sink(start(out))
            await sink.send(b"begun")
            await register(loop, monotonic_clock.subscribe_duration(10**15))
        case "/environment":
            await say(out, repr(sorted(os.environ.items())))
        case "/read":
            with open(query) as file:
                await say(out, file.read())
        case "/fetch":
            await say(out, await fetch(query))
        case _:
            await say(out, "not here", 404)


async def fetch(authority: str) -> str:
    request = OutgoingRequest(Fields())
    request.set_scheme(Scheme_Http())
    request.set_authority(authority)
    request.set_path_with_query("/from-the-app")
    try:
        with await send(request) as response:
            return f"status {response.status()}"
    except Err as error:
        return f"refused: {type(error.value).__name__}"
