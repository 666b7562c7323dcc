"""Answers a request for `/NAME` with the result of the function `NAME` of the application. For WASI 0.2."""

import asyncio
import inspect
from typing import Any, Callable, Type

from asking import origin as origin, shown as shown
from componentize_py_types import Ok
from poll_loop import PollLoop
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam


def serving(*functions: Callable[[], Any]) -> Type[exports.IncomingHandler]:
    by_name = {function.__name__: function for function in functions}

    class Serving(exports.IncomingHandler):
        def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
            name, _, loop = (request.path_with_query() or "").strip("/").partition("?")
            try:
                found = by_name[name]()
                if inspect.iscoroutine(found):
                    found = asyncio.run(found, loop_factory=PollLoop if loop == "poll-loop" else None)
                text = str(found)
            except Exception as error:
                text = shown(error)
            response = OutgoingResponse(Fields())
            body = response.body()
            ResponseOutparam.set(response_out, Ok(response))
            with body.write() as stream:
                stream.blocking_write_and_flush(text.encode()[:4096])
            OutgoingBody.finish(body, None)

    return Serving
