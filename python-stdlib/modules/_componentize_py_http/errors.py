"""The errors of `wasi:http` as those that sockets raise."""

import errno

from . import constants


def _tls(name):
    def make(_, message):
        import _ssl

        return getattr(_ssl, name)(_ssl.SSL_ERROR_SSL, message)

    return make


def _lookup(number, message):
    return constants.gaierror(number, message)


# Names of `error-code` and what becomes of them: a class, a number and words for those that have none.
_KINDS = {
    "DnsTimeout": (_lookup, constants.EAI_AGAIN, "the host got no answer in time when it looked up the name"),
    "DnsError": (_lookup, constants.EAI_NONAME, "the host does not know the name"),
    "DestinationNotFound": (_lookup, constants.EAI_NONAME, "the host does not know the name"),
    "DestinationUnavailable": (OSError, errno.EHOSTUNREACH, "the server is not available"),
    "DestinationIpProhibited": (OSError, errno.EACCES, "the host does not allow requests to this address"),
    "DestinationIpUnroutable": (OSError, errno.EHOSTUNREACH, "there is no route to the server"),
    "ConnectionRefused": (OSError, errno.ECONNREFUSED, "Connection refused"),
    "ConnectionTerminated": (OSError, errno.ECONNRESET, "Connection reset by peer"),
    "ConnectionTimeout": (OSError, errno.ETIMEDOUT, "the host could not connect in time"),
    "ConnectionReadTimeout": (OSError, errno.ETIMEDOUT, "the host got nothing from the server in time"),
    "ConnectionWriteTimeout": (OSError, errno.ETIMEDOUT, "the host could not send in time"),
    "ConnectionLimitReached": (OSError, errno.EMFILE, "the host allows no more connections"),
    "TlsProtocolError": (_tls("SSLError"), 0, "the host could not make a secure connection"),
    "TlsCertificateError": (_tls("SSLCertVerificationError"), 0, "certificate verify failed: the host does not trust it"),
    "TlsAlertReceived": (_tls("SSLError"), 0, "the server refused the secure connection"),
    "HttpRequestDenied": (OSError, errno.EACCES, "the host does not allow this request"),
    "HttpRequestMethodInvalid": (OSError, errno.EINVAL, "the host does not take this method"),
    "HttpRequestUriInvalid": (OSError, errno.EINVAL, "the host does not take this URL"),
    "HttpRequestUriTooLong": (OSError, errno.EMSGSIZE, "the URL is too long for the host"),
    "HttpResponseTimeout": (OSError, errno.ETIMEDOUT, "the host got no response in time"),
    "HttpResponseIncomplete": (OSError, errno.ECONNRESET, "the response broke off"),
    "HttpProtocolError": (OSError, errno.ECONNRESET, "the server did not answer with HTTP"),
    "LoopDetected": (OSError, errno.ELOOP, "the request came back to the host"),
    "ConfigurationError": (OSError, errno.EIO, "the host is not set up for this request"),
}


def of_code(code):
    """The exception for an `error-code`, or for None, an error about which the host says nothing."""
    name = type(code).__name__.rpartition("_")[2]
    make, number, message = _KINDS.get(name, (OSError, errno.EIO, f"the host could not carry out the request ({name})"))
    return make(number, message + _details(getattr(code, "value", None)))


def _details(payload):
    """The host's own words."""
    if payload is None:
        return ""
    if isinstance(payload, (str, int)):
        return f": {payload}"
    known = [f"{name} {value}" for name, value in _fields_of(payload) if value is not None]
    return f" ({', '.join(known)})" if known else ""


def _fields_of(payload):
    names = getattr(payload, "__dataclass_fields__", ())
    return [(name.replace("_", " "), getattr(payload, name)) for name in names]


def copy_of(error):
    """The same error anew: each call that fails raises one of its own."""
    return type(error)(*error.args)


def unsupported(message):
    return OSError(errno.EOPNOTSUPP, message)
