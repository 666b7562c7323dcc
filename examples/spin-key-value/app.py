from spin_sdk import http, key_value
from spin_sdk.http import Request, Response


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        with key_value.open_default() as store:
            key = request.uri
            match request.method:
                case "GET" if key == "/":
                    return text(200, "\n".join(store.get_keys()))
                case "GET":
                    value = store.get(key)
                    return text(404, "no such key") if value is None else Response(200, {}, value)
                case "PUT":
                    store.set(key, request.body or b"")
                    return Response(204, {}, None)
                case "DELETE":
                    store.delete(key)
                    return Response(204, {}, None)
                case "HEAD":
                    return Response(200 if store.exists(key) else 404, {}, None)
                case _:
                    return text(405, "GET, PUT, DELETE or HEAD")


def text(status: int, body: str) -> Response:
    return Response(status, {"content-type": "text/plain"}, bytes(body, "utf-8"))
