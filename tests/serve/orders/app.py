"""Lets go of a request, its unread body and what belongs to it in the order that the path says: `/KIND/DIGITS`."""

import gc
from typing import Any

from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam


class Circle:
    """Garbage that only the collector finds."""

    def __init__(self, kept: list[Any]) -> None:
        self.kept = kept
        self.me = self


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, out: ResponseOutparam) -> None:
        _, kind, digits = (request.path_with_query() or "").split("/")
        body = request.consume()
        stream = body.stream()
        family = [request, request.headers(), body, stream, stream.subscribe()]
        ordered = [family[int(digit)] for digit in digits]
        del family, body, stream
        if kind == "leave":
            for one in ordered:
                one.__exit__(None, None, None)
        elif kind == "forget":
            while ordered:
                del ordered[0]
        elif kind == "tuple":
            garbage: Any = tuple(ordered)
            del ordered, garbage
        else:
            Circle(ordered)
            del ordered
            gc.collect()
        answer(out)


def answer(out: ResponseOutparam) -> None:
    """The response is the host's before its body is written; the body goes with its stream in use."""
    response = OutgoingResponse(Fields())
    body = response.body()
    stream = body.write()
    ready = stream.subscribe()
    ResponseOutparam.set(out, Ok(response))
    stream.blocking_write_and_flush(b"gone")
    garbage = (ready, stream)
    del ready, stream, garbage
    OutgoingBody.finish(body, None)
