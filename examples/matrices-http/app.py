"""Multiplies two matrices with NumPy: `POST /multiply` takes a JSON array of both."""

import asyncio
import json

import numpy
from componentize_py_types import Ok
from poll_loop import PollLoop, Sink, Stream
from wit_world import exports
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Post,
    OutgoingResponse,
    ResponseOutparam,
)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        asyncio.run(answer(request, response_out), loop_factory=PollLoop)


async def answer(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    if not (isinstance(request.method(), Method_Post) and request.path_with_query() == "/multiply"):
        await respond(response_out, 400, "text/plain", "POST two matrices to /multiply\n")
        return
    stream = Stream(request.consume())
    body = bytearray()
    while (chunk := await stream.next()) is not None:
        body += chunk
    try:
        a, b = json.loads(body)
        product = numpy.matmul(a, b).tolist()
    except (ValueError, TypeError) as error:
        await respond(response_out, 400, "text/plain", f"{type(error).__name__}: {error}\n")
        return
    await respond(response_out, 200, "application/json", json.dumps(product))


async def respond(response_out: ResponseOutparam, status: int, content_type: str, text: str) -> None:
    response = OutgoingResponse(Fields.from_list([("content-type", content_type.encode())]))
    response.set_status_code(status)
    sink = Sink(response.body())
    ResponseOutparam.set(response_out, Ok(response))
    await sink.send(text.encode())
    sink.close()
