import json

from http_trigger import exports
from http_trigger.imports.http_types import Method, Request, Response

Matrix = list[list[float]]


class InboundHttp(exports.InboundHttp):
    def handle_request(self, req: Request) -> Response:
        try:
            if req.method == Method.POST and req.uri == "/multiply" and req.body is not None:
                [a, b] = json.loads(req.body)
                return Response(
                    200,
                    [("content-type", "application/json")],
                    bytes(json.dumps(matmul(a, b)), "utf-8"),
                )
            else:
                return Response(400, None, None)
        except Exception as e:
            return Response(
                500,
                [("content-type", "text/plain")],
                bytes(f"{type(e).__name__}: {str(e)}", "utf-8"),
            )


def matmul(a: Matrix, b: Matrix) -> Matrix:
    """What `numpy.matmul` does with two matrices."""
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]
