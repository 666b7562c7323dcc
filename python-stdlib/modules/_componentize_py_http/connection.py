"""The other end of a socket: HTTP/1.1 requests come in, and responses go out, in the order of the requests.

Comes in: bytes as an HTTP client writes them. Goes out: bytes as a server would write them. In between an exchange of the world's
backend carries the request out. Nothing here waits: a socket asks again when `waiting` says so.
"""

import errno
import re
import sys
from collections import deque

from . import errors

# The most bytes that wait for the host, in either direction.
ROOM = 64 * 1024
# As in `http.client`: the longest head.
_MOST_HEAD = 100 * 65536
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\x00-\x20\x7f]+) HTTP/1\.([01])\Z")
_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\Z")
# The host makes the connection, so these are its business.
_HOP_BY_HOP = frozenset("connection expect host http2-settings keep-alive proxy-connection te transfer-encoding upgrade".split())
_NOT_GIVEN_BACK = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade"))
_PORTS = {"http": 80, "https": 443}
_NO_PROXY = "proxies are up to the host, so unset HTTP_PROXY and HTTPS_PROXY, or switch them off in the client"
_TOKEN = re.compile(rb"[\r\n]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |\Z)")
# The first bytes of a secure connection, as `tls` writes them in place of a handshake.
GREETING = b"\x16\x03\x01componentize-py\0"


class _Refused(Exception):
    """The request cannot be sent by `wasi:http`."""


class Fields:
    """The headers of a request; each line has been checked before."""

    def __init__(self, lines):
        self.items = [(name.decode(), value.strip(b" \t")) for name, _, value in lines]

    def tokens(self, wanted):
        """The parts of all headers of this name, in small letters."""
        values = [value.decode("latin-1") for name, value in self.items if name.lower() == wanted]
        return {token.strip(" \t").lower() for value in values for token in value.split(",")}


class Request:
    """The head of a request, for an exchange."""

    def __init__(self, method, scheme, authority, path, fields, has_body, timeout):
        self.method, self.scheme, self.authority, self.path = method, scheme, authority, path
        self.fields, self.has_body, self.timeout = fields, has_body, timeout


class Connection:
    """What lies behind a socket."""

    def __init__(self, backend):
        self._backend = backend
        self._host = self._port = self._timeout = None
        self._scheme = "http"
        self._input, self._output = bytearray(), bytearray()
        self.exchange = None
        self._responding = None
        self._failure = None
        self._closing = self._ended = self._shut = False
        self._reading = self._requests()
        self._answers = deque()

        # For asyncio: called when something may have changed.
        self.watchers = []

    # --- For the socket ---------------------------------------------------------------------------------------------

    def connect(self, host, port, timeout):
        """Notes where the requests go; `timeout` is the time that the host has for its connection."""
        if self._host is not None:
            raise OSError(errno.EISCONN, "Socket is connected")
        self._host, self._port, self._timeout = host, port, timeout

    def feed(self, data):
        """Takes bytes from the client; returns how many."""
        self._raise()
        taken = data[: max(ROOM - len(self._input), 0)]
        self._input += taken
        self._step()
        return len(taken)

    def take(self, size):
        """Gives bytes to the client: None if there are none yet, and empty at the end."""
        if not self._output:
            self._step()
        if not self._output:
            self._raise()
            return b"" if self._ended else None
        taken = bytes(self._output[:size])
        del self._output[:size]
        return taken

    def peek(self, size):
        if not self._output:
            self._step()
        return bytes(self._output[:size])

    def is_readable(self):
        self._step()
        return bool(self._output or self._failure or self._ended)

    def is_writable(self):
        self._step()
        return len(self._input) < ROOM or bool(self._failure or self._ended)

    def is_sent(self):
        """Returns whether the host has a whole request, and knows nothing yet of its response."""
        self._step()
        exchange = self.exchange
        return not (self._output or self._failure) and exchange is not None and exchange.is_finished and not exchange.has_head()

    def expects_nothing(self):
        """Returns whether nothing would ever come."""
        return self.exchange is None and not self._input and not self._answers

    def check(self):
        """Raises the error that has ended the connection, unless there is something to read first."""
        if not self._output:
            self._raise()

    def shut(self):
        """The client writes no more. What it has not finished, it never will."""
        self._shut = True
        self._step()

    def close(self):
        if self.exchange is not None:
            self.exchange.close()
            self.exchange = None
        self._ended = True

    peer = None

    def is_connected(self):
        return self._host is not None

    def _tell(self):
        for watcher in list(self.watchers):
            watcher()

    def _raise(self):
        if self._failure is not None:
            raise errors.copy_of(self._failure)

    # --- Both directions --------------------------------------------------------------------------------------------

    def _step(self):
        """Does what can be done without waiting."""
        if self._failure is not None or self._ended:
            return
        try:
            is_done = True
            while is_done:
                next(self._reading)
                exchange = self.exchange
                if self._responding is None and exchange is not None:
                    self._responding = self._response(exchange)
                if self._responding is not None and not self._output:
                    next(self._responding, None)
                is_done = exchange is not None and self.exchange is None  # so the next request has its turn
        except StopIteration:
            self._ended = True
        except _Refused as refused:
            self._fail(errors.unsupported(str(refused)))
        except OSError as error:
            self._fail(error)

    def _fail(self, error):
        self._failure = error
        if self.exchange is not None:
            self.exchange.close()
            self.exchange = None

    # --- Requests ---------------------------------------------------------------------------------------------------

    def _requests(self):
        """Reads what the client writes; yields where it has to wait for more, or for the host to take it."""
        yield from self._greeting()
        while True:
            head = yield from self._until(b"\r\n\r\n", _MOST_HEAD)
            request, length = self._parse(head)
            self.exchange = self._backend.Exchange(request, self._tell)
            trailers = None
            if length is None:
                trailers = yield from self._chunks()
            else:
                yield from self._body(length)
            if self.exchange is not None:
                self.exchange.finish(trailers)
            while self.exchange is not None:
                yield
            if self._closing:
                return

    def _greeting(self):
        while not self._input:
            yield
        if self._input[0] != GREETING[0]:
            return
        while len(self._input) < len(GREETING):
            yield
        if not self._input.startswith(GREETING):
            raise _Refused("TLS is the host's part: use the module `ssl`, not an implementation in the component")
        name = yield from self._until(b"\0", 1024, len(GREETING))
        name = name[len(GREETING) : -1].decode("ascii").lower()
        if name and name.rstrip(".") != self._host.rstrip("."):
            raise _Refused(
                f"the host checks the certificate of the name it connects to, {self._host!r}: "
                f"the server name {name!r} cannot be asked for"
            )
        self._scheme = "https"

    def _until(self, end, most, start=0):
        """The input up to an end, and with it."""
        while (found := self._input.find(end, start)) < 0:
            if start == 0 and len(self._input) > 2 and not _TOKEN.match(self._input):
                raise _Refused("only HTTP/1.1 requests leave this component: its world has `wasi:http` and no `wasi:sockets`")
            if len(self._input) > most:
                raise _Refused(f"the head of a request is longer than {most} bytes")
            yield
        taken = bytes(self._input[: found + len(end)])
        del self._input[: len(taken)]
        return taken

    def _parse(self, head):
        """The request and its body's length, None if it comes in chunks."""
        lines = head.lstrip(b"\r\n")[:-4].split(b"\r\n")
        match = _REQUEST_LINE.match(lines[0])
        if match is None:
            raise _Refused(f"only HTTP/1.1 requests leave this component, and this is none: {lines[0][:80]!r}")
        for line in lines[1:]:
            if not _FIELD.match(line):
                raise _Refused(f"not a header of HTTP: {line[:80]!r}")
        fields = Fields(line.partition(b":") for line in lines[1:])
        method, target, is_new = match[1].decode(), match[2].decode("latin-1"), match[3] == b"1"
        self._check(method, target, fields)
        tokens = fields.tokens("connection")
        self._closing = "close" in tokens or not is_new and "keep-alive" not in tokens
        if "100-continue" in fields.tokens("expect"):
            self._output += b"HTTP/1.1 100 Continue\r\n\r\n"  # the host sends the body when the server is ready
        length = _length(fields)
        given = [(name, value) for name, value in fields.items if name.lower() not in _HOP_BY_HOP | tokens]
        self._answers.append((method, is_new))
        authority = self._authority()
        return Request(method, self._scheme, authority, target, given, length != 0, self._timeout), length

    def _check(self, method, target, fields):
        if method == "CONNECT":
            raise _Refused(f"`wasi:http` has no tunnels: {_NO_PROXY}")
        if "upgrade" in fields.tokens("connection"):
            wanted = ", ".join(sorted(fields.tokens("upgrade")))
            raise _Refused(f"`wasi:http` cannot change the protocol to {wanted}, as WebSockets need")
        if not target.startswith("/"):
            raise _Refused(f"{target!r} is not the path of a server's URL: {_NO_PROXY}")
        hosts, port = fields.tokens("host"), _PORTS[self._scheme]
        if any(_with_port(host, port) != _with_port(self._authority(), port) for host in hosts):
            given, known = ", ".join(sorted(hosts)), self._authority()
            raise _Refused(f"the header Host ({given}) must name the server that the client connected to ({known}): the host sets it")

    def _authority(self):
        host = f"[{self._host}]" if ":" in self._host else self._host
        return host if self._port == _PORTS[self._scheme] else f"{host}:{self._port}"

    def _body(self, length):
        while length:
            length -= yield from self._pass_on(length)

    def _pass_on(self, most):
        """Passes on what is there, up to `most` bytes; returns the number."""
        while True:
            if self._input:
                with memoryview(self._input)[:most] as data:
                    # Without an exchange the response is complete, and the server wants no more.
                    taken = len(data) if self.exchange is None else self.exchange.write(data)
                if taken:
                    del self._input[:taken]
                    return taken
            elif self._shut:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the request was not finished")
            yield

    def _chunks(self):
        """Passes on a body in chunks; returns its trailers."""
        while True:
            line = yield from self._line()
            size = line.partition(b";")[0].strip()
            if not re.match(rb"[0-9A-Fa-f]{1,15}\Z", size):
                raise _Refused(f"not the size of a chunk: {line[:80]!r}")
            size = int(size, 16)
            if not size:
                break
            yield from self._body(size)
            if (yield from self._line()):
                raise _Refused("a chunk is longer than it says")
        trailers = []
        while line := (yield from self._line()):
            if not _FIELD.match(line):
                raise _Refused(f"not a trailer of HTTP: {line[:80]!r}")
            name, _, value = line.partition(b":")
            trailers.append((name.decode(), value.strip(b" \t")))
        return trailers

    def _line(self):
        while (end := self._input.find(b"\r\n")) < 0:
            if len(self._input) >= ROOM:
                raise _Refused("a line between the chunks is too long")
            if self._shut:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the request was not finished")
            yield
        line = bytes(self._input[:end])
        del self._input[: end + 2]
        return line

    # --- Responses --------------------------------------------------------------------------------------------------

    def _response(self, exchange):
        """Writes a response for the client; yields where it has to wait for the host, or for the client to read."""
        while (head := exchange.head()) is None:
            yield
        status, fields = head
        method, is_new = self._answers.popleft()
        if status == 101:
            raise _Refused("`wasi:http` cannot change the protocol")
        lengths = {value for name, value in fields if name.lower() == "content-length"}
        empty = method == "HEAD" or status in (204, 304)
        chunked = not empty and not lengths and is_new
        self._closing |= not empty and not lengths and not is_new
        self._output += _head(status, fields, chunked)
        while not empty:
            while self._output:
                yield
            while (data := exchange.read()) is None:
                yield
            if not data:
                break
            self._output += b"%x\r\n%b\r\n" % (len(data), data) if chunked else data
        if chunked:
            while (trailers := exchange.trailers()) is None:
                yield
            self._output += b"0\r\n" + _lines(trailers) + b"\r\n"
        self._done(exchange)

    def _done(self, exchange):
        exchange.close()
        self.exchange = self._responding = None


def _with_port(authority, port):
    return authority.removesuffix(f":{port}").rstrip(".")


def _length(fields):
    """The length of a request's body, None if it comes in chunks."""
    codings, lengths = fields.tokens("transfer-encoding"), fields.tokens("content-length")
    if codings:
        if codings != {"chunked"} or lengths:
            raise _Refused("a body comes in chunks or has a Content-Length, and nothing else")
        return None
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdecimal() or not length.isascii():
        raise _Refused("the header Content-Length is not a number")
    return int(length)


def _head(status, fields, chunked):
    reason = _reason(status)
    kept = [(name, value) for name, value in fields if name.lower() not in _NOT_GIVEN_BACK]
    if chunked:
        kept.append(("transfer-encoding", b"chunked"))
    return f"HTTP/1.1 {status} {reason}\r\n".encode() + _lines(kept) + b"\r\n"


def _reason(status):
    known = sys.modules.get("http")  # that of clients which look at it
    try:
        return known.HTTPStatus(status).phrase if known else ""
    except ValueError:
        return ""


def _lines(fields):
    for name, value in fields:
        if b"\r" in value or b"\n" in value or b"\0" in value:
            raise ConnectionResetError(errno.ECONNRESET, f"the header {name} of the response is not one of HTTP")
    return b"".join(b"%b: %b\r\n" % (name.encode("latin-1"), value) for name, value in fields)
