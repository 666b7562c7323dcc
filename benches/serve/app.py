"""The application of `cargo xtask bench serve`: a greeting, and a little work."""

import asyncio
import json

from componentize_py_types import Ok
from poll_loop import PollLoop, Sink
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingResponse, ResponseOutparam


def work() -> bytes:
    people = [{"name": f"person {number}", "age": number % 90, "tags": ["a", "b", "c"]} for number in range(500)]
    people.sort(key=lambda person: (person["age"], person["name"]))
    return json.dumps([person for person in people if person["age"] < 45]).encode()


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, out: ResponseOutparam) -> None:
        text = work() if request.path_with_query() == "/work" else b"Hello, World!\n"
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(respond(out, text))


async def respond(out: ResponseOutparam, text: bytes) -> None:
    response = OutgoingResponse(Fields.from_list([("content-length", str(len(text)).encode())]))
    body = response.body()
    ResponseOutparam.set(out, Ok(response))
    sink = Sink(body)
    await sink.send(text)
    sink.close()
