"""The other end of sockets that carry HTTP: `_componentize_py_http.connection` over a host made of Python."""

import http.client
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python-stdlib" / "modules"))

from _componentize_py_http import errors, names
from _componentize_py_http.connection import ROOM, Connection


class Exchange:
    """Takes everything at once, and answers when the request is finished."""

    all = []
    answer = (200, [("content-length", b"2")], [b"ok"], [])
    room = 1 << 30

    def __init__(self, request, changed):
        self.request, self.body, self.sent_trailers = request, b"", None
        self.is_finished = self.is_closed = False
        self.status, self.fields, chunks, self.after = Exchange.answer
        self.chunks = list(chunks)
        Exchange.all.append(self)

    def write(self, data):
        taken = bytes(data[: Exchange.room - len(self.body)])
        self.body += taken
        return len(taken)

    def finish(self, trailers):
        self.is_finished, self.sent_trailers = True, trailers

    def has_head(self):
        return self.is_finished

    def head(self):
        return (self.status, self.fields) if self.is_finished else None

    def read(self):
        return self.chunks.pop(0) if self.chunks else b""

    def trailers(self):
        return self.after

    def close(self):
        self.is_closed = True


def opened(host="example.com", port=80):
    connection = Connection(sys.modules[__name__])
    connection.connect(host, port, None)
    return connection


def drained(connection):
    data = b""
    while part := connection.take(1000):
        data += part
    return data


def ask(text, connection=None, answer=None):
    """The response, and what the host got."""
    Exchange.answer = answer or (200, [("content-length", b"2")], [b"ok"], [])
    connection = connection or opened()
    data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    # One byte at a time, as nothing may depend on how a client writes.
    for i in range(len(data)):
        assert connection.feed(data[i : i + 1]) == 1
    return drained(connection), Exchange.all[-1]


def refused(text, connection=None):
    count = len(Exchange.all)
    try:
        ask(text, connection)
    except OSError as error:
        assert len(Exchange.all) == count, "it was sent all the same"
        return str(error)
    raise AssertionError(f"{text!r} was sent")


HEAD = "GET / HTTP/1.1\nHost: example.com\n"

# --- Requests -------------------------------------------------------------------------------------------------------

response, sent = ask(f"{HEAD}X-Test:  a b \nConnection: x-gone, keep-alive\nX-Gone: 1\nKeep-Alive: 5\nTE: trailers\n\n")
assert response == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", response
made = sent.request
assert (made.method, made.scheme, made.authority, made.path) == ("GET", "http", "example.com", "/")
assert made.fields == [("X-Test", b"a b")] and not made.has_body and sent.is_closed

_, sent = ask("POST /a?b HTTP/1.1\nHost: example.com\nContent-Length: 5\n\nhello")
assert sent.body == b"hello" and ("Content-Length", b"5") in sent.request.fields

_, sent = ask("POST / HTTP/1.1\nHost: example.com\nTransfer-Encoding: chunked\n\n5;x=y\nhello\n1\n!\n0\nX-Sum: 6\n\n")
assert sent.body == b"hello!" and sent.sent_trailers == [("X-Sum", b"6")]
assert all(name != "Transfer-Encoding" for name, _ in sent.request.fields)

for text in [
    "EHLO me\n\n",
    "GET / HTTP/2.0\n\n",
    f"{HEAD}X: a\nb\n\n",
    f"{HEAD}X: a\n b: c\n\n",
    f"{HEAD}X : a\n\n",
    f"{HEAD}X: a\0\n\n",
    f"{HEAD}Content-Length: 1\nContent-Length: 2\n\n",
    f"{HEAD}Content-Length: -1\n\n",
    f"{HEAD}Content-Length: ٣\n\n",
    f"{HEAD}Content-Length: 3\nTransfer-Encoding: chunked\n\n",
    f"{HEAD}Transfer-Encoding: gzip\n\n",
    f"{HEAD}Connection: upgrade\nUpgrade: websocket\n\n",
    "GET / HTTP/1.1\nHost: other.example\n\n",
    "GET / HTTP/1.1\nHost: example.com\nHost: other.example\n\n",
    "GET http://example.com/ HTTP/1.1\nHost: example.com\n\n",
    "OPTIONS * HTTP/1.1\nHost: example.com\n\n",
    "CONNECT example.com:443 HTTP/1.1\nHost: example.com:443\n\n",
    "\x16\x03\x01\x02 no client of ours",
    b"GET / HTTP/1.1\r\nHost: example.com\r\nX: a\nHost: evil\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: example.com\r\nX: a\rHost: evil\r\n\r\n",
]:
    assert "Errno" in refused(text), text

# Another name for the same server is no other server.
for host in ("EXAMPLE.com", "example.com:80", "example.com."):
    ask(f"GET / HTTP/1.1\nHost: {host}\n\n")
_, sent = ask("GET / HTTP/1.1\nHost: [::1]:8080\n\n", opened("::1", 8080))
assert sent.request.authority == "[::1]:8080"

# --- Secure connections ---------------------------------------------------------------------------------------------

_, sent = ask(f"\x16\x03\x01componentize-py\0example.com\0{HEAD}\n", opened(port=443))
assert (sent.request.scheme, sent.request.authority) == ("https", "example.com")
assert "certificate" in refused("\x16\x03\x01componentize-py\0other.example\0", opened(port=443))

# --- Responses ------------------------------------------------------------------------------------------------------


def parsed(response, method="GET"):
    class Socket:
        def makefile(self, mode):
            return io.BytesIO(response)

    found = http.client.HTTPResponse(Socket(), method=method)
    found.begin()
    return found, found.read()


pieces = [b"a" * 300, b"b"]
response, _ = ask(f"{HEAD}\n", answer=(200, [("x-a", b"1"), ("connection", b"close")], pieces, [("x-sum", b"2")]))
assert response.endswith(b"\r\n12c\r\n" + pieces[0] + b"\r\n1\r\nb\r\n0\r\nx-sum: 2\r\n\r\n"), response
found, body = parsed(response)
assert body == b"".join(pieces) and found.headers["x-a"] == "1" and found.headers["connection"] is None

for method, status, fields in [("HEAD", 200, [("content-length", b"9")]), ("GET", 204, []), ("GET", 304, [])]:
    response, _ = ask(f"{method} / HTTP/1.1\nHost: example.com\n\n", answer=(status, fields, [], []))
    assert response.endswith(b"\r\n\r\n") and b"chunked" not in response and parsed(response, method)[1] == b""

# An old client, or one that closes: the end of the body is that of the connection.
for text, ending in [("GET / HTTP/1.0\n\n", b"\r\n\r\nab"), (f"{HEAD}Connection: close\n\n", b"\r\nab\r\n0\r\n\r\n")]:
    connection = opened()
    response, _ = ask(text, connection, (200, [], [b"ab"], []))
    assert response.endswith(ending) and connection.take(1) == b"" and connection.is_readable()

# One connection for several requests, also if a client does not wait for the responses.
connection = opened()
response, _ = ask(f"{HEAD}\n{HEAD}\n", connection)
assert response.count(b"HTTP/1.1 200 ") == 2 and connection.take(1) is None and not connection.is_readable()

connection = opened()
connection.feed(f"POST / HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".encode())
assert drained(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
connection.feed(b"ok")
assert drained(connection).startswith(b"HTTP/1.1 200 OK\r\n")

try:
    ask(f"{HEAD}\n", answer=(200, [("x", b"a\r\nset-cookie: evil")], [], []))
except ConnectionResetError:
    pass
else:
    raise AssertionError("a header of the response became two")

# --- Back-pressure --------------------------------------------------------------------------------------------------

Exchange.room = 100
connection = opened()
connection.feed(f"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: {3 * ROOM}\r\n\r\n".encode())
taken = connection.feed(b"x" * 3 * ROOM)
while more := connection.feed(b"x" * ROOM):
    taken += more
assert taken == ROOM + 100 and not connection.is_writable() and len(Exchange.all[-1].body) == 100
Exchange.room = 1 << 30
assert connection.is_writable()
connection.close()
assert Exchange.all[-1].is_closed and not Exchange.all[-1].is_finished

# --- Names and errors -----------------------------------------------------------------------------------------------

found = names.look_up("example.com", "https", 0, 6, 0, 0)
address = found[0][4]
assert address[1] == 443 and address[0].startswith("198.18.") and names.name_of(address[0]) == "example.com"
assert names.look_up("EXAMPLE.com", 443, 0, 6, 0, 0) == found
assert names.text_of("bücher.example") == "xn--bcher-kva.example"
assert names.look_up("10.0.0.1", 1, 0, 6, 0, 0)[0][4] == ("10.0.0.1", 1)
for host in ("a b", "a/b", "user@host", "a\r\nb", "-a", "a..b", "x" * 300):
    try:
        names.text_of(host)
    except (OSError, UnicodeError):
        continue
    raise AssertionError(host)


def code(name, **fields):
    return type(f"ErrorCode_{name}", (), fields)()


kinds = {
    "ConnectionRefused": ConnectionRefusedError,
    "ConnectionTerminated": ConnectionResetError,
    "ConnectionTimeout": TimeoutError,
    "HttpResponseTimeout": TimeoutError,
    "HttpRequestDenied": PermissionError,
    "DestinationIpProhibited": PermissionError,
    "DnsError": OSError,
    "SomethingNew": OSError,
}
for name, kind in kinds.items():
    assert isinstance(errors.of_code(code(name)), kind), name
assert type(errors.of_code(code("DnsError"))).__name__ == "gaierror"
assert type(errors.of_code(code("TlsCertificateError"))).__name__ == "SSLCertVerificationError"
assert "of the host's" in str(errors.of_code(code("InternalError", value="words of the host's")))
