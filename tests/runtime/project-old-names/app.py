import http_trigger
import wit_world
from http_trigger import exports
from http_trigger.imports.http_types import Method, Request, Response
from http_trigger.types import Ok
import componentize_py_types


class InboundHttp(exports.InboundHttp):
    def handle_request(self, req: Request) -> Response:
        same = http_trigger.imports.http_types.Request is wit_world.imports.http_types.Request
        text = f"{req.method is Method.POST} {req.uri} {same} {Ok is componentize_py_types.Ok}"
        return Response(200, [("content-type", "text/plain")], bytes(text, "utf-8"))
