"""h11: both sides of HTTP/1.1."""

import h11


def test_exchange():
    client, server = h11.Connection(h11.CLIENT), h11.Connection(h11.SERVER)
    server.receive_data(
        client.send(h11.Request(method="POST", target="/", headers=[("Host", "x"), ("Transfer-Encoding", "chunked")]))
        + client.send(h11.Data(data=b"hello"))
        + client.send(h11.EndOfMessage())
    )
    request, data, end = server.next_event(), server.next_event(), server.next_event()
    assert (request.method, bytes(data.data), type(end)) == (b"POST", b"hello", h11.EndOfMessage)
    client.receive_data(server.send(h11.Response(status_code=204, headers=[])))
    assert client.next_event().status_code == 204


def test_bad_request():
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"no HTTP\r\n\r\n")
    try:
        server.next_event()
    except h11.RemoteProtocolError as error:
        assert error.error_status_hint == 400
        return
    raise AssertionError("a bad request is accepted")
