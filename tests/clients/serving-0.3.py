"""Answers a request for `/NAME` with the result of the function `NAME` of the application. For WASI 0.3."""

import inspect
from typing import Any, Callable, Type

import wit_world
from asking import origin as origin, shown as shown
from componentize_py_async_support import spawn
from componentize_py_async_support.streams import ByteStreamWriter
from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.wasi_http_types import Fields, Request, Response


def serving(*functions: Callable[[], Any]) -> Type[exports.Handler]:
    by_name = {function.__name__: function for function in functions}

    class Serving(exports.Handler):
        async def handle(self, request: Request) -> Response:
            name = (request.get_path_with_query() or "").strip("/")
            try:
                found = by_name[name]()
                text = str(await found if inspect.iscoroutine(found) else found)
            except Exception as error:
                text = shown(error)
            sink, body = wit_world.byte_stream()
            spawn(write(sink, text.encode()))
            trailers = wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))[1]
            return Response.new(Fields(), body, trailers)[0]

    return Serving


async def write(sink: ByteStreamWriter, data: bytes) -> None:
    with sink:
        await sink.write_all(data)
