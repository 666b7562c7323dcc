from hmac import compare_digest

from spin_sdk import http, variables
from spin_sdk.http import Request, Response


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        expected = bytes(variables.get("password"), "utf-8")
        if compare_digest(request.body or b"", expected):
            return Response(200, {"content-type": "text/plain"}, bytes("ask " + variables.get("url"), "utf-8"))
        return Response(401, {"content-type": "text/plain"}, b"wrong password")
