"""uvicorn: its HTTP protocol with an app, without a socket (`componentize-py serve` has the sockets)."""

import asyncio

from uvicorn import Config
from uvicorn.lifespan.off import LifespanOff
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = (await receive())["body"]
    if scope["path"] == "/fail":
        raise ValueError("on purpose")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body[::-1]})


class Transport:
    def __init__(self):
        self.data = b""
        self.is_closed = False

    def get_extra_info(self, name):
        return {"sockname": ("127.0.0.1", 8000), "peername": ("127.0.0.1", 9000)}.get(name)

    def write(self, data):
        self.data += data

    def close(self):
        self.is_closed = True

    def is_closing(self):
        return self.is_closed

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def set_protocol(self, protocol):
        pass


def ask(request):
    async def main():
        config = Config(app, http="h11", ws="none", lifespan="off", log_config=None)
        config.load()
        state = ServerState()
        protocol = H11Protocol(config, state, LifespanOff(config).state, asyncio.get_running_loop())
        transport = Transport()
        protocol.connection_made(transport)
        protocol.data_received(request)
        await asyncio.gather(*state.tasks)
        return transport.data

    return asyncio.run(main())


def test_request():
    answer = ask(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\ncba"), answer


def test_failing_app():
    answer = ask(b"GET /fail HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 "), answer


def test_bad_request():
    assert ask(b"no HTTP at all\r\n\r\n").startswith(b"HTTP/1.1 400 ")
