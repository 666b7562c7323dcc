"""Secure connections: the host makes them, and the client's bytes pass through as they are.

In place of a handshake the other end of the socket gets a greeting with the name of the server, and sends its requests as
`https`. Settings that the host does not hear of, and that make a connection more or less secure, are refused there.
"""

import _socket
import _ssl

from .connection import GREETING


def _refused(reason, message):
    error = _ssl.SSLError(_ssl.SSL_ERROR_SSL, f"{message}: TLS is the host's part in a component")
    error.library, error.reason = "SSL", reason
    return error


def check(context, server_side):
    """Refuses what the host would not do."""
    if server_side:
        raise _refused("NO_SERVER", "there are no secure servers")
    if context.verify_mode == _ssl.CERT_NONE:
        raise _refused(
            "ALWAYS_VERIFIED",
            "the host verifies every certificate, and `verify_mode = CERT_NONE` (`verify=False`) cannot be honoured",
        )
    if context.has_certificate:
        raise _refused("NO_CLIENT_CERTIFICATE", "a client certificate (`load_cert_chain`) cannot be used")
    if context.has_own_authorities:
        raise _refused(
            "OWN_AUTHORITIES",
            "the host trusts its own authorities, not only those of `load_verify_locations`; "
            "have it trust them and use a default context",
        )
    if context.minimum_version > _ssl.PROTO_TLSv1_2:
        raise _refused(
            "MINIMUM_VERSION", "the host chooses the version, and a `minimum_version` above TLS 1.2 cannot be asked for"
        )


class Secure:
    """What `ssl` calls an SSL object. `read` and `write` are those of the transport."""

    session = None
    session_reused = False

    def __init__(self, context, server_side, server_hostname, transport):
        self.context, self.server_side, self.server_hostname = context, server_side, server_hostname
        self._transport, self._is_open = transport, False
        self.owner = None

    def do_handshake(self):
        if not self._is_open:
            check(self.context, self.server_side)
            self._is_open = True
            self._transport.write(GREETING + (self.server_hostname or "").encode("ascii") + b"\0")

    def read(self, size=1024, buffer=None):
        if buffer is None:
            return self._transport.read(size)
        with memoryview(buffer) as view, view.cast("B") as octets:
            data = self._transport.read(min(size, len(octets)) if size > 0 else len(octets))
            octets[: len(data)] = data
        return len(data)

    def write(self, data):
        self.do_handshake()
        with memoryview(data) as view, view.cast("B") as octets:
            return self._transport.write(octets)

    def shutdown(self):
        return self._transport.bottom

    def pending(self):
        return 0

    def getpeercert(self, binary_form=False):
        """The host keeps the certificate."""
        return None if binary_form else {}

    def get_verified_chain(self):
        return []

    get_unverified_chain = get_verified_chain

    def selected_alpn_protocol(self):
        return "http/1.1" if "http/1.1" in self.context.protocols_offered else None

    def nothing(self, *args):
        """The host does not tell."""

    cipher = shared_ciphers = compression = version = get_channel_binding = verify_client_post_handshake = nothing


class OverSocket:
    """The socket below."""

    def __init__(self, bottom):
        self.bottom = bottom

    def read(self, size):
        try:
            return _socket.socket.recv(self.bottom, size)
        except BlockingIOError:
            raise _ssl.SSLWantReadError(_ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)") from None

    def write(self, data):
        if _socket.socket.gettimeout(self.bottom) != 0:
            _socket.socket.sendall(self.bottom, data)
            return len(data)
        try:
            return _socket.socket.send(self.bottom, data)
        except BlockingIOError:
            raise _ssl.SSLWantWriteError(_ssl.SSL_ERROR_WANT_WRITE, "The operation did not complete (write)") from None


class OverMemory:
    """A pair of buffers; whoever owns them connects them with a socket."""

    bottom = None

    def __init__(self, incoming, outgoing):
        self._incoming, self._outgoing = incoming, outgoing

    def read(self, size):
        data = self._incoming.read(size)
        if not data and size and not self._incoming.eof:
            raise _ssl.SSLWantReadError(_ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)")
        return data

    def write(self, data):
        return self._outgoing.write(data)
