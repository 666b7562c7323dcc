"""Echoes the body of a request, after asking another server for leave."""

import asyncio

from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream, register, send
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Get,
    Method_Other,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Https,
)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(answer(loop, request, response_out))


async def answer(loop: PollLoop, request: IncomingRequest, response_out: ResponseOutparam) -> None:
    match request.method():
        case Method_Get():
            await asyncio.wait_for(ask(), 1.0)
        case Method_Other(name):
            print("unusual:", name)
        case _:
            pass

    await register(loop, monotonic_clock.subscribe_duration(1_000))
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    body: OutgoingBody = response.body()
    ResponseOutparam.set(response_out, Ok(response))

    incoming = Stream(request.consume())
    outgoing = Sink(body)
    while (chunk := await incoming.next()) is not None:
        await outgoing.send(chunk)
    outgoing.close()


async def ask() -> int:
    request = OutgoingRequest(Fields())
    request.set_scheme(Scheme_Https())
    request.set_authority("example.com")
    try:
        with await send(request) as response:
            return response.status()
    except Err as error:
        print("no answer:", error.value)
        return 502
