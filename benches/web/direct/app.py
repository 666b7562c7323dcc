"""A greeting by the bindings alone, for `cargo xtask bench web`."""

from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam

TEXT = b"Hello, World!\n"


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, out: ResponseOutparam) -> None:
        response = OutgoingResponse(Fields.from_list([("content-length", str(len(TEXT)).encode())]))
        body = response.body()
        ResponseOutparam.set(out, Ok(response))
        with body.write() as stream:
            stream.blocking_write_and_flush(TEXT)
        OutgoingBody.finish(body, None)
