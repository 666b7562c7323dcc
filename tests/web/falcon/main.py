"""Two Falcon applications with the same resources, one of WSGI and one of ASGI: nothing in them is for components."""

from typing import Any, Dict

import falcon
import falcon.asgi


def described(req: Any, name: str) -> Dict[str, Any]:
    return {"hello": name, "query": req.params, "host": req.host, "scheme": req.scheme, "type": req.content_type}


class Hello:
    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        resp.media = described(req, name)
        resp.set_header("X-Powered-By", "Falcon")

    def on_post(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        resp.media = {"got": req.get_media()}
        resp.status = falcon.HTTP_201


class Bytes:
    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = str(len(req.bounded_stream.read()))


class Stream:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = "text/plain"
        resp.stream = iter([b"one,", b"two"])


class Teapot:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        raise falcon.HTTPError(falcon.HTTP_418, title="a teapot")


class AsyncHello:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        resp.media = described(req, name)
        resp.set_header("X-Powered-By", "Falcon")

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        resp.media = {"got": await req.get_media()}
        resp.status = falcon.HTTP_201


class AsyncBytes:
    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.text = str(len(await req.bounded_stream.read()))


class AsyncStream:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        async def parts() -> Any:
            yield b"one,"
            yield b"two"

        resp.content_type = "text/plain"
        resp.stream = parts()


class AsyncTeapot:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        raise falcon.HTTPError(falcon.HTTP_418, title="a teapot")


def routed(app: Any, *resources: Any) -> Any:
    for path, resource in zip(["/hello/{name}", "/bytes", "/stream", "/teapot"], resources):
        app.add_route(path, resource)
    return app


app = routed(falcon.App(), Hello(), Bytes(), Stream(), Teapot())
async_app = routed(falcon.asgi.App(), AsyncHello(), AsyncBytes(), AsyncStream(), AsyncTeapot())
