"""What `socket` takes from C, for a world that can send HTTP requests and has no sockets.

`runtime/sockets.py` puts it into the place of CPython's own where that is so: each connection leads to `wasi:http`. asyncio imports
it in any case, so it imports what only connections need when there is one, or at the end of the build (`prepare`).
"""

import errno as _errno
import sys as _sys
import time as _time

from _componentize_py_http import _sockets
from _componentize_py_http import waiting as _waiting
from _componentize_py_http.asynchronous import introduce as _introduce
from _componentize_py_http.constants import *

_default_timeout = None
# The seconds for which a whole request waits for the first sign of its response, or of an error.
_PATIENCE = 1


def _connections():
    from _componentize_py_http import connection

    return connection


def _names():
    from _componentize_py_http import names

    return names


def _secure_connections():
    from _componentize_py_http import tls

    return tls


def prepare():
    """Imports everything, for an application that will need it."""
    _connections(), _names(), _sockets.backend()
    if "ssl" in _sys.modules:
        _secure_connections()


def _unsupported(what):
    return OSError(
        _errno.EOPNOTSUPP, f"{what}: the world of this component has `wasi:http` for requests, and no `wasi:sockets`"
    )


def _seconds(value):
    if value is None:
        return None
    value = float(value)
    if not value >= 0:
        raise ValueError("Timeout value out of range")
    return value


class socket:
    """A connection that carries HTTP requests."""

    __slots__ = ("_fd", "_family", "_type", "_proto", "_timeout", "_peer", "_settings")

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        self._family = AF_INET if family == -1 else int(family)
        self._type = SOCK_STREAM if type == -1 else int(type) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)
        self._proto = 0 if proto == -1 else int(proto)
        self._fd, self._timeout, self._peer, self._settings = -1, _default_timeout, None, {}
        if fileno is not None:
            if isinstance(fileno, float):
                raise TypeError("integer argument expected, got float")
            _sockets.get(fileno)
            self._fd, self._peer = fileno, _sockets.get(fileno).peer
            return
        if self._family not in (AF_INET, AF_INET6):
            raise OSError(_errno.EAFNOSUPPORT, "Address family not supported")
        if self._type != SOCK_STREAM:
            raise _unsupported("only streams can be opened")
        self._fd = _sockets.add(_connections().Connection(_sockets.backend()))
        if type != -1 and int(type) & SOCK_NONBLOCK:
            self._timeout = 0.0
        _introduce()

    family = property(lambda self: self._family)
    type = property(lambda self: self._type)
    proto = property(lambda self: self._proto)
    timeout = property(lambda self: self._timeout)

    def __repr__(self):
        return f"<socket object, fd={self._fd}, family={self._family}, type={self._type}, proto={self._proto}>"

    def __del__(self):
        if self._fd != -1:
            self.close()

    @property
    def _far_end(self):
        return _sockets.get(self._fd)

    def _reached(self):
        connection = self._far_end
        if not connection.is_connected():
            raise OSError(_errno.ENOTCONN, "Socket is not connected")
        return connection

    # --- Settings ---------------------------------------------------------------------------------------------------

    def fileno(self):
        return self._fd

    def detach(self):
        number, self._fd = self._fd, -1
        return number

    def close(self):
        number = self.detach()
        if number != -1 and number in _sockets.open_ones:
            _sockets.remove(number)

    def settimeout(self, value, /):
        self._timeout = _seconds(value)

    def gettimeout(self):
        return self._timeout

    def setblocking(self, flag, /):
        self._timeout = None if flag else 0.0

    def getblocking(self):
        return self._timeout != 0

    def setsockopt(self, level, option, value, length=None, /):
        """Means nothing: the host makes the connections."""
        self._far_end
        self._settings[level, option] = value

    def getsockopt(self, level, option, length=0, /):
        self._far_end
        known = {SO_TYPE: self._type, SO_ERROR: 0, SO_DOMAIN: self._family, SO_PROTOCOL: self._proto, SO_ACCEPTCONN: 0}
        if level == SOL_SOCKET and option in known:
            value = known[option]
        else:
            value = self._settings.get((level, option), 0)
        if isinstance(value, int) and length:
            return value.to_bytes(4, "little", signed=True)[:length]
        return value

    def getpeername(self):
        self._reached()
        return self._peer

    def getsockname(self):
        return ("::", 0, 0, 0) if self._family == AF_INET6 else ("0.0.0.0", 0)

    def bind(self, address, /):
        """An address of one's own means nothing: the host makes the connections."""

    def listen(self, backlog=0, /):
        raise _unsupported("nobody can connect to a component")

    def _accept(self):
        raise OSError(_errno.EINVAL, "Socket is not listening")

    # --- Connections ------------------------------------------------------------------------------------------------

    def connect(self, address, /):
        host, port = address[:2]
        found = _names().look_up(host, int(port), self._family, SOCK_STREAM, 0, 0)[0]
        timeout = self._timeout or None
        self._far_end.connect(_names().name_of(found[4][0]).lower(), found[4][1], timeout)
        self._peer = self._far_end.peer = found[4]

    def connect_ex(self, address, /):
        try:
            self.connect(address)
        except gaierror:
            raise
        except OSError as error:
            return error.errno
        return 0

    def shutdown(self, how, /):
        connection = self._reached()
        if how != SHUT_RD:
            connection.shut()
        if how != SHUT_WR:
            connection.close()

    def _wait(self, connection, is_done):
        if self._timeout == 0:
            raise BlockingIOError(_errno.EAGAIN, "Resource temporarily unavailable")
        deadline = None if self._timeout is None else _time.monotonic() + self._timeout
        if not _waiting.until([connection], is_done, deadline):
            raise TimeoutError("timed out")

    # --- Bytes ------------------------------------------------------------------------------------------------------

    def send(self, data, flags=0, /):
        with memoryview(data) as view, view.cast("B") as octets:
            sent = self._send(octets)
        return sent

    def _send(self, octets):
        connection = self._reached()
        if not connection.is_writable():
            self._wait(connection, connection.is_writable)
        return connection.feed(octets)

    def sendall(self, data, flags=0, /):
        with memoryview(data) as view, view.cast("B") as octets:
            sent = 0
            while sent < len(octets):
                sent += self._send(octets[sent:])
        connection = self._reached()
        # The host connects only now, and clients do not expect that to fail once they read. But reading has a time of its own.
        if self._timeout != 0 and connection.is_sent():
            limit = _PATIENCE if self._timeout is None else min(_PATIENCE, self._timeout)
            _waiting.until([connection], lambda: not connection.is_sent(), _time.monotonic() + limit)
            connection.check()

    def sendto(self, data, *flags_and_address):
        raise _unsupported("only streams can be opened")

    def recv(self, bufsize, flags=0, /):
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        connection = self._reached()
        read = connection.peek if flags & MSG_PEEK else connection.take
        if (data := read(bufsize)) is None:
            if self._timeout != 0 and not flags & MSG_DONTWAIT and connection.expects_nothing():
                raise _unsupported("the server cannot speak first")
            self._wait(connection, connection.is_readable)
            data = read(bufsize)
        return data or b""

    def recv_into(self, buffer, nbytes=0, flags=0, /):
        with memoryview(buffer) as view, view.cast("B") as octets:
            data = self.recv(nbytes or len(octets), flags)
            octets[: len(data)] = data
        return len(data)

    def recvfrom(self, bufsize, flags=0, /):
        return self.recv(bufsize, flags), None

    def recvfrom_into(self, buffer, nbytes=0, flags=0, /):
        return self.recv_into(buffer, nbytes, flags), None


SocketType = socket


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    return _names().look_up(host, port, family, type, proto, flags)


def gethostbyname(hostname, /):
    return _names().look_up(hostname, None, AF_INET, SOCK_STREAM, 0, 0)[0][4][0]


def gethostbyname_ex(hostname, /):
    return hostname, [], [gethostbyname(hostname)]


def gethostbyaddr(ip_address, /):
    return _names().name_of(ip_address), [], [ip_address]


def gethostname():
    return "localhost"


def getnameinfo(sockaddr, flags, /):
    host = sockaddr[0] if flags & NI_NUMERICHOST else _names().name_of(sockaddr[0])
    return host, str(sockaddr[1])


def getservbyname(servicename, protocolname="tcp", /):
    known = {"http": 80, "https": 443}
    if servicename not in known:
        raise OSError("service/proto not found")
    return known[servicename]


def getservbyport(port, protocolname="tcp", /):
    known = {80: "http", 443: "https"}
    if port not in known:
        raise OSError("port/proto not found")
    return known[port]


def getprotobyname(name, /):
    known = {"ip": IPPROTO_IP, "icmp": IPPROTO_ICMP, "tcp": IPPROTO_TCP, "udp": IPPROTO_UDP}
    if name not in known:
        raise OSError("protocol not found")
    return known[name]


def inet_pton(address_family, ip_string, /):
    return _names().inet_pton(address_family, ip_string)


def inet_ntop(address_family, packed_ip, /):
    return _names().inet_ntop(address_family, packed_ip)


def inet_aton(ip_addr, /):
    return _names().inet_aton(ip_addr)


def inet_ntoa(packed_ip, /):
    return _names().inet_ntoa(packed_ip)


def getdefaulttimeout():
    return _default_timeout


def setdefaulttimeout(timeout, /):
    global _default_timeout
    _default_timeout = _seconds(timeout)


def close(fd, /):
    _sockets.remove(fd)


def dup(fd, /):
    return _sockets.add(_sockets.get(fd))


# `_ssl` asks for it.
carries_http = True


def secure(context, server_side, server_hostname, *below):
    """The SSL object over a socket, or over two buffers."""
    tls = _secure_connections()
    transport = tls.OverSocket(*below) if len(below) == 1 else tls.OverMemory(*below)
    return tls.Secure(context, server_side, server_hostname, transport)


def _swapped(size):
    def swap(value, /):
        if not 0 <= value < 1 << 8 * size:
            raise OverflowError(f"int larger than {size} bytes, or negative")
        return int.from_bytes(value.to_bytes(size, "little"), "big")

    return swap


ntohs = htons = _swapped(2)
ntohl = htonl = _swapped(4)
_waiting.install()
_introduce()

# What `socket` takes over, without what is ours.
__all__ = [name for name in globals() if not name.startswith("_") and name not in ("carries_http", "prepare", "secure")]
