"""The system's log, in a component: messages go to stderr, which the host shows or keeps."""

import sys as _sys
from operator import index as _index

LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = range(8)
LOG_KERN, LOG_USER, LOG_MAIL, LOG_DAEMON, LOG_AUTH, LOG_SYSLOG, LOG_LPR, LOG_NEWS, LOG_UUCP, LOG_CRON, LOG_AUTHPRIV, LOG_FTP = range(0, 96, 8)
LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7 = range(128, 192, 8)
LOG_PID, LOG_CONS, LOG_ODELAY, LOG_NDELAY, LOG_NOWAIT, LOG_PERROR = 1, 2, 4, 8, 16, 32

_EVERYTHING = 0xFF

_ident, _mask = None, _EVERYTHING


def _text(name, value):
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if "\0" in value:
        raise ValueError("embedded null character")
    value.encode()  # for its error
    return value


def _program():
    """The name that messages have before `openlog`."""
    first = _sys.argv[0] if getattr(_sys, "argv", None) else ""
    return first.rpartition("/")[2] or "python"


def openlog(ident=None, logoption=0, facility=LOG_USER):
    global _ident
    ident = _program() if ident is None else _text("openlog() argument 1", ident)
    _index(logoption), _index(facility)
    _ident = ident


def closelog():
    global _ident, _mask
    _ident, _mask = None, _EVERYTHING


def setlogmask(maskpri, /):
    global _mask
    before, _mask = _mask, _index(maskpri) or _mask
    return before


def syslog(*arguments):
    if not 1 <= len(arguments) <= 2:
        raise TypeError("syslog.syslog requires 1 to 2 arguments")
    priority, message = arguments if len(arguments) == 2 else (LOG_INFO, arguments[0])
    priority, message = _index(priority), _text("syslog() argument", message)
    if _ident is None:
        openlog()
    if _mask & LOG_MASK(priority & 7) and _sys.stderr is not None:
        print(f"{_ident}: {message}", file=_sys.stderr)


def LOG_MASK(pri, /):
    return 1 << pri


def LOG_UPTO(pri, /):
    return (1 << (pri + 1)) - 1
