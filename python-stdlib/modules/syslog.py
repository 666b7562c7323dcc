"""The system's log, in a component: messages go to stderr, which the host shows or keeps."""

import sys as _sys

LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = range(8)
LOG_KERN, LOG_USER, LOG_MAIL, LOG_DAEMON, LOG_AUTH, LOG_SYSLOG, LOG_LPR, LOG_NEWS, LOG_UUCP, LOG_CRON, LOG_AUTHPRIV, LOG_FTP = range(0, 96, 8)
LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7 = range(128, 192, 8)
LOG_PID, LOG_CONS, LOG_ODELAY, LOG_NDELAY, LOG_NOWAIT, LOG_PERROR = 1, 2, 4, 8, 16, 32

_ident, _mask = "python", 0xFF


def openlog(ident="python", logoption=0, facility=LOG_USER):
    global _ident
    _ident = ident


def closelog():
    global _ident, _mask
    _ident, _mask = "python", 0xFF


def setlogmask(maskpri, /):
    global _mask
    before, _mask = _mask, maskpri or _mask
    return before


def syslog(*arguments):
    if not 1 <= len(arguments) <= 2:
        raise TypeError("syslog.syslog requires 1 to 2 arguments")
    priority, message = arguments if len(arguments) == 2 else (LOG_INFO, arguments[0])
    if _mask & LOG_MASK(priority & 7) and _sys.stderr is not None:
        print(f"{_ident}: {message}", file=_sys.stderr)


def LOG_MASK(pri, /):
    return 1 << pri


def LOG_UPTO(pri, /):
    return (1 << (pri + 1)) - 1
