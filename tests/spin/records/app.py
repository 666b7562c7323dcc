"""Answers whole requests with whole responses: the trigger of Spin's first generation."""

import sys

from wit_world import exports
from wit_world.imports.http_types import Request, Response


class InboundHttp(exports.InboundHttp):
    def handle_request(self, req: Request) -> Response:
        if req.uri == "/loop":
            print("looping", file=sys.stderr, flush=True)
            while True:
                pass
        return Response(200, None, b"got " + (req.body or b"nothing"))
