"""Limits and use of resources, of which WASI says nothing: the host decides, and does not tell."""

import errno as _errno
import time as _time
from collections import namedtuple as _namedtuple

error = OSError
RLIM_INFINITY = -1
RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE = 0, 1, 2, 3, 4
RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS = 5, 6, 7, 8, 9
RLIMIT_OFILE = RLIMIT_NOFILE
RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD = 0, -1, 1
_PAGE = 65536

struct_rusage = _namedtuple(
    "struct_rusage",
    "ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv "
    "ru_nsignals ru_nvcsw ru_nivcsw",
)
struct_rusage.__module__ = "resource"


def _check(resource):
    if not isinstance(resource, int):
        raise TypeError(f"'{type(resource).__name__}' object cannot be interpreted as an integer")
    if not 0 <= resource <= RLIMIT_AS:
        raise ValueError("invalid resource specified")


def getrlimit(resource, /):
    _check(resource)
    if resource == RLIMIT_AS:
        # 32 bits of address.
        return 1 << 32, 1 << 32
    if resource in (RLIMIT_CORE, RLIMIT_NPROC):
        return 0, 0
    return RLIM_INFINITY, RLIM_INFINITY


def setrlimit(resource, limits, /):
    _check(resource)
    soft, hard = limits
    if (soft, hard) != getrlimit(resource):
        raise OSError(_errno.ENOTSUP, "the limits of a component are set by its host")


def getrusage(who, /):
    if who not in (RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD):
        raise ValueError("invalid who parameter")
    used = 0.0 if who == RUSAGE_CHILDREN else _time.process_time()
    return struct_rusage(used, 0.0, *[0] * 14)


def getpagesize():
    return _PAGE
