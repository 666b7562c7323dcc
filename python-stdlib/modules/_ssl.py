"""What `ssl` takes from OpenSSL, without TLS: a component without sockets leaves that to its host.

Libraries import `ssl` for its names, and make and configure contexts, whether or not they ever open a connection. All of that
works here as with OpenSSL 3. Where sockets lead to `wasi:http`, `_componentize_py_http.tls` has secure connections, which the host
makes. Elsewhere, what would need a handshake raises `SSLError`, and says where to go instead. The certificates that a context is
given are counted, not read.
"""

import os as _os

OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
# Libraries look at its first word.
OPENSSL_VERSION = "OpenSSL 3.0.0 (none: TLS is the host's part)"
_OPENSSL_API_VERSION = OPENSSL_VERSION_INFO
_DEFAULT_CIPHERS = "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

HAS_SNI = HAS_ECDH = HAS_ALPN = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_TLS_UNIQUE = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = HAS_PHA = False

PROTOCOL_SSLv23 = PROTOCOL_TLS = 2
PROTOCOL_TLSv1 = 3
PROTOCOL_TLSv1_1 = 4
PROTOCOL_TLSv1_2 = 5
PROTOCOL_TLS_CLIENT = 16
PROTOCOL_TLS_SERVER = 17

PROTO_MINIMUM_SUPPORTED = -2
PROTO_MAXIMUM_SUPPORTED = -1
PROTO_SSLv3 = 0x300
PROTO_TLSv1 = 0x301
PROTO_TLSv1_1 = 0x302
PROTO_TLSv1_2 = 0x303
PROTO_TLSv1_3 = 0x304

CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2

VERIFY_DEFAULT = 0
VERIFY_CRL_CHECK_LEAF = 0x4
VERIFY_CRL_CHECK_CHAIN = 0xC
VERIFY_X509_STRICT = 0x20
VERIFY_ALLOW_PROXY_CERTS = 0x40
VERIFY_X509_TRUSTED_FIRST = 0x8000
VERIFY_X509_PARTIAL_CHAIN = 0x80000

OP_LEGACY_SERVER_CONNECT = 0x4
OP_ENABLE_KTLS = 0x8
OP_IGNORE_UNEXPECTED_EOF = 0x80
OP_NO_TICKET = 0x4000
OP_NO_COMPRESSION = 0x20000
OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000
OP_CIPHER_SERVER_PREFERENCE = 0x400000
OP_NO_SSLv2 = OP_SINGLE_DH_USE = OP_SINGLE_ECDH_USE = 0
OP_NO_SSLv3 = 0x2000000
OP_NO_TLSv1 = 0x4000000
OP_NO_TLSv1_2 = 0x8000000
OP_NO_TLSv1_1 = 0x10000000
OP_NO_TLSv1_3 = 0x20000000
OP_NO_RENEGOTIATION = 0x40000000
OP_ALL = 0x80000050

HOSTFLAG_ALWAYS_CHECK_SUBJECT = 0x1
HOSTFLAG_NO_WILDCARDS = 0x2
HOSTFLAG_NO_PARTIAL_WILDCARDS = 0x4
HOSTFLAG_MULTI_LABEL_WILDCARDS = 0x8
HOSTFLAG_SINGLE_LABEL_SUBDOMAINS = 0x10
HOSTFLAG_NEVER_CHECK_SUBJECT = 0x20

ENCODING_PEM = 1
ENCODING_DER = 2

SSL_ERROR_SSL = 1
SSL_ERROR_WANT_READ = 2
SSL_ERROR_WANT_WRITE = 3
SSL_ERROR_WANT_X509_LOOKUP = 4
SSL_ERROR_SYSCALL = 5
SSL_ERROR_ZERO_RETURN = 6
SSL_ERROR_WANT_CONNECT = 7
SSL_ERROR_EOF = 8
SSL_ERROR_INVALID_ERROR_CODE = 10

# RFC 8446, section 6, and older ones.
ALERT_DESCRIPTION_CLOSE_NOTIFY = 0
ALERT_DESCRIPTION_UNEXPECTED_MESSAGE = 10
ALERT_DESCRIPTION_BAD_RECORD_MAC = 20
ALERT_DESCRIPTION_RECORD_OVERFLOW = 22
ALERT_DESCRIPTION_DECOMPRESSION_FAILURE = 30
ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40
ALERT_DESCRIPTION_BAD_CERTIFICATE = 42
ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE = 43
ALERT_DESCRIPTION_CERTIFICATE_REVOKED = 44
ALERT_DESCRIPTION_CERTIFICATE_EXPIRED = 45
ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN = 46
ALERT_DESCRIPTION_ILLEGAL_PARAMETER = 47
ALERT_DESCRIPTION_UNKNOWN_CA = 48
ALERT_DESCRIPTION_ACCESS_DENIED = 49
ALERT_DESCRIPTION_DECODE_ERROR = 50
ALERT_DESCRIPTION_DECRYPT_ERROR = 51
ALERT_DESCRIPTION_PROTOCOL_VERSION = 70
ALERT_DESCRIPTION_INSUFFICIENT_SECURITY = 71
ALERT_DESCRIPTION_INTERNAL_ERROR = 80
ALERT_DESCRIPTION_USER_CANCELLED = 90
ALERT_DESCRIPTION_NO_RENEGOTIATION = 100
ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION = 110
ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE = 111
ALERT_DESCRIPTION_UNRECOGNIZED_NAME = 112
ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE = 113
ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE = 114
ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY = 115


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    library = reason = None

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else super().__str__()


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data."""


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data."""


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""


for _class in (SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLSyscallError, SSLEOFError, SSLCertVerificationError):
    _class.__module__ = "ssl"


def _no_tls():
    error = SSLError(
        SSL_ERROR_SSL,
        "there is no TLS in a component whose world has no `wasi:sockets`: it is the host's part. Send HTTPS requests by "
        "`wasi:http` (the interface `outgoing-handler`), whose host makes the secure connection",
    )
    error.library, error.reason = "SSL", "NO_TLS_IN_COMPONENT"
    return error


class SSLSession:
    """A session; there are none, since there are no connections."""

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_ssl.SSLSession' instances")


class MemoryBIO:
    """A buffer of bytes between a program and an `SSLObject`."""

    def __init__(self):
        self._data = bytearray()
        self._ended = False

    @property
    def pending(self):
        return len(self._data)

    @property
    def eof(self):
        return self._ended and not self._data

    def read(self, size=-1, /):
        taken = bytes(self._data if size < 0 else self._data[:size])
        del self._data[: len(taken)]
        return taken

    def write(self, data, /):
        if self._ended:
            raise SSLError("cannot write() after write_eof()")
        view = memoryview(data).cast("B")
        self._data += view
        return len(view)

    def write_eof(self):
        self._ended = True


def _setting(name, convert=int):
    """An attribute that is looked at when it is set, and that means nothing without connections."""
    inner = f"_own_{name}"
    return property(lambda self: getattr(self, inner), lambda self, value: setattr(self, inner, convert(value)))


def _callback(value):
    if value is not None and not callable(value):
        raise TypeError("not a callable object")
    return value


def _socket_module():
    """The stand-in for `_socket` that leads to `wasi:http`, or None."""
    import _socket

    return _socket if hasattr(_socket, "carries_http") else None


def _certificates(file):
    with open(file, "rb") as opened:
        return opened.read().count(b"-----BEGIN")


class _SSLContext:
    """Settings of connections that the host makes, if it makes any."""

    # Whether a certificate of the client's was loaded, and whether authorities were, and no others.
    has_certificate = False
    _defaults_loaded = _own_loaded = False
    protocols_offered = ()

    def __new__(cls, protocol, /):
        if protocol not in (2, 3, 4, 5, 16, 17):
            raise ValueError("invalid or unsupported protocol version")
        self = super().__new__(cls)
        self._own_protocol = int(protocol)
        self._own_check_hostname = protocol == PROTOCOL_TLS_CLIENT
        self._own_verify_mode = CERT_REQUIRED if protocol == PROTOCOL_TLS_CLIENT else CERT_NONE
        self._own_verify_flags = VERIFY_X509_TRUSTED_FIRST
        self._own_options = OP_ALL | OP_NO_SSLv3 | OP_NO_COMPRESSION | OP_CIPHER_SERVER_PREFERENCE | OP_ENABLE_MIDDLEBOX_COMPAT
        self._own_minimum_version = PROTO_TLSv1_2
        self._own_maximum_version = PROTO_MAXIMUM_SUPPORTED
        self._own__host_flags = HOSTFLAG_NO_PARTIAL_WILDCARDS
        self._own_num_tickets = self._own_security_level = 2
        self._own_post_handshake_auth = False
        self._own_keylog_filename = self._own_sni_callback = self._own__msg_callback = None
        return self

    protocol = property(lambda self: self._own_protocol)
    security_level = property(lambda self: self._own_security_level)
    options = _setting("options")
    verify_flags = _setting("verify_flags")
    minimum_version = _setting("minimum_version")
    maximum_version = _setting("maximum_version")
    num_tickets = _setting("num_tickets")
    post_handshake_auth = _setting("post_handshake_auth", bool)
    keylog_filename = _setting("keylog_filename", lambda value: value)
    sni_callback = _setting("sni_callback", _callback)
    _host_flags = _setting("_host_flags")
    _msg_callback = _setting("_msg_callback", _callback)

    @property
    def check_hostname(self):
        return self._own_check_hostname

    @check_hostname.setter
    def check_hostname(self, value):
        self._own_check_hostname = bool(value)
        if value and self._own_verify_mode == CERT_NONE:
            self._own_verify_mode = CERT_REQUIRED

    @property
    def verify_mode(self):
        return self._own_verify_mode

    @verify_mode.setter
    def verify_mode(self, value):
        if value not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("invalid value for verify_mode")
        if value == CERT_NONE and self._own_check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._own_verify_mode = int(value)

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            self._note_authorities(_certificates(cafile))
        if capath is not None or cadata is not None:
            self._note_authorities(cadata.count("-----BEGIN") if isinstance(cadata, str) else 0)

    def _note_authorities(self, count):
        """Lists of public authorities, which the host has too, have a hundred certificates and more; files of one's own a few."""
        if count >= 20:
            self._defaults_loaded = True
        else:
            self._own_loaded = True

    @property
    def has_own_authorities(self):
        return self._own_loaded and not self._defaults_loaded

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        for file in (certfile, keyfile):
            if file is not None:
                _os.stat(file)
        self.has_certificate = True

    def load_dh_params(self, path, /):
        _os.stat(path)

    def set_default_verify_paths(self):
        """The host knows whom to trust."""
        self._defaults_loaded = True

    def set_ciphers(self, ciphers, /):
        if not isinstance(ciphers, str):
            raise TypeError(f"set_ciphers() argument must be str, not {type(ciphers).__name__}")

    def set_ecdh_curve(self, name, /):
        """Nothing is negotiated."""

    def set_psk_client_callback(self, callback):
        _callback(callback)

    def set_psk_server_callback(self, callback, identity_hint=None):
        _callback(callback)

    def _set_alpn_protocols(self, protocols, /):
        """Nothing is negotiated: HTTP/1.1 is what clients speak to `wasi:http`."""
        offered, rest = [], bytes(protocols)
        while rest:
            offered.append(rest[1 : rest[0] + 1].decode("ascii"))
            rest = rest[rest[0] + 1 :]
        self.protocols_offered = tuple(offered)

    def get_ca_certs(self, binary_form=False):
        return []

    def get_ciphers(self):
        return []

    def cert_store_stats(self):
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def session_stats(self):
        names = ("number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good")
        return dict.fromkeys((*names, "accept_renegotiate", "hits", "misses", "timeouts", "cache_full"), 0)

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        front = _socket_module()
        if front is None:
            raise _no_tls()
        return front.secure(self, server_side, server_hostname, sock)

    def _wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        front = _socket_module()
        if front is None:
            raise _no_tls()
        return front.secure(self, server_side, server_hostname, incoming, outgoing)


# The objects that `ssl.Purpose` looks up.
_OBJECTS = (
    (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
)


def txt2obj(txt, name=False):
    for found in _OBJECTS:
        if txt == found[3] or name and txt in found[1:3]:
            return found
    raise ValueError(f"unknown object '{txt:.100}'")


def nid2obj(nid, /):
    for found in _OBJECTS:
        if nid == found[0]:
            return found
    raise ValueError(f"unknown NID {nid}")


def get_default_verify_paths():
    return "SSL_CERT_FILE", "/usr/lib/ssl/cert.pem", "SSL_CERT_DIR", "/usr/lib/ssl/certs"


def RAND_bytes(n, /):
    if n < 0:
        raise ValueError("num must be positive")
    return _os.urandom(n)


def RAND_add(string, entropy, /):
    """The host's random numbers need none."""


def RAND_status():
    return True
