"""websockets: both sides of its protocol, and a connection that is attempted."""

import asyncio

import websockets.asyncio.client
import websockets.sync.client
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.frames import Opcode
from websockets.server import ServerProtocol
from websockets.uri import parse_uri


def pair():
    client = ClientProtocol(parse_uri("ws://example.com/chat"), extensions=[ClientPerMessageDeflateFactory()])
    server = ServerProtocol(extensions=[ServerPerMessageDeflateFactory()])
    client.send_request(client.connect())
    move(client, server)
    (request,) = server.events_received()
    assert request.path == "/chat"
    server.send_response(server.accept(request))
    move(server, client)
    (response,) = client.events_received()
    assert response.status_code == 101 and "permessage-deflate" in response.headers["Sec-WebSocket-Extensions"]
    return client, server


def move(sender, receiver):
    for data in sender.data_to_send():
        if data:
            receiver.receive_data(data)
        else:
            receiver.receive_eof()


def test_messages():
    client, server = pair()
    client.send_text("é".encode() * 1000)
    sent = b"".join(client.data_to_send())
    assert len(sent) < 100, len(sent)
    server.receive_data(sent)
    (frame,) = server.events_received()
    assert frame.opcode is Opcode.TEXT and frame.data == "é".encode() * 1000
    server.send_binary(b"\0\1")
    move(server, client)
    assert [frame.data for frame in client.events_received()] == [b"\0\1"]


def test_close():
    client, server = pair()
    client.send_close(1000, "done")
    move(client, server)
    move(server, client)
    move(client, server)
    assert (server.close_code, server.close_reason, client.close_code) == (1000, "done", 1000)


def test_refused_connection():
    async def later():
        async with websockets.asyncio.client.connect("ws://127.0.0.1:1/", open_timeout=2):
            pass

    for connect in [
        lambda: websockets.sync.client.connect("ws://127.0.0.1:1/", open_timeout=2),
        lambda: asyncio.run(later()),
    ]:
        try:
            connect()
        except OSError:
            continue
        raise AssertionError("a connection without a server")
