import json

from wit_world import exports
from wit_world.imports.http_types import Method, Request, Response


class InboundHttp(exports.InboundHttp):
    def handle_request(self, req: Request) -> Response:
        if req.method is not Method.POST or req.body is None:
            return Response(400, None, None)
        total = sum(json.loads(req.body))
        return Response(200, [("content-type", "application/json")], json.dumps(total).encode())
