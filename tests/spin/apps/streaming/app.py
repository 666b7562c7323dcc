"""A response that grows while the request is still being read, by the plain interfaces below the SDK's helpers."""

import componentize_py_async_support
from componentize_py_types import Ok
from spin_sdk import wit
from spin_sdk.wit import exports
from spin_sdk.wit.imports import wasi_http_types_0_3_0_rc_2026_03_15 as http


class HttpHandler(exports.HttpHandler):
    async def handle(self, request: http.Request) -> http.Response:
        path = request.get_path_with_query()
        done = wit.result_unit_wasi_http_types_0_3_0_rc_2026_03_15_error_code_future(lambda: Ok(None))[1]
        body, _ = http.Request.consume_body(request, done)
        writer, reader = wit.byte_stream()
        componentize_py_async_support.spawn(shout(path, body, writer))
        response, _ = http.Response.new(http.Fields.from_list([("content-type", b"text/plain")]), reader, no_trailers())
        response.set_status_code(201)
        return response


def no_trailers():
    name = "result_option_wasi_http_types_0_3_0_rc_2026_03_15_fields_wasi_http_types_0_3_0_rc_2026_03_15_error_code_future"
    return getattr(wit, name)(lambda: Ok(None))[1]


async def shout(path, body, writer):
    count = 0
    with body, writer:
        while not body.writer_dropped:
            piece = await body.read(1000)
            count += len(piece)
            await writer.write_all(piece.upper())
        await writer.write_all(f" {path} {count} {http.__name__}".encode())
