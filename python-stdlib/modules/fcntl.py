"""Locks and settings of descriptors, in a component.

A lock succeeds if the descriptor is open: nobody else runs in this component, and WASI offers no lock against other instances
that have the same directory. What needs the descriptor's settings raises `OSError`.
"""

import errno as _errno
import os as _os

LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8
LOCK_MAND, LOCK_READ, LOCK_WRITE, LOCK_RW = 32, 64, 128, 192
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL = 0, 1, 2, 3, 4
F_GETLK, F_SETLK, F_SETLKW = 5, 6, 7
F_DUPFD_CLOEXEC = 1030
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2
FD_CLOEXEC = 1


def _number(fd):
    number = fd if isinstance(fd, int) else fd.fileno()
    if not isinstance(number, int):
        raise TypeError("fileno() returned a non-integer")
    if number < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({number})")
    return number


def flock(fd, operation, /):
    _os.fstat(_number(fd))
    if operation & ~LOCK_NB not in (LOCK_SH, LOCK_EX, LOCK_UN):
        raise OSError(_errno.EINVAL, "Invalid argument")


def lockf(fd, cmd, len=0, start=0, whence=0, /):
    _os.fstat(_number(fd))
    if cmd != LOCK_UN and not cmd & (LOCK_SH | LOCK_EX):
        raise ValueError("unrecognized lockf argument")


def fcntl(fd, cmd, arg=0, /):
    number = _number(fd)
    _os.fstat(number)
    if cmd in (F_DUPFD, F_DUPFD_CLOEXEC):
        return _duplicate(number, arg)
    if cmd == F_GETFD:
        # Nothing is executed, so nothing is inherited.
        return FD_CLOEXEC
    if cmd == F_SETFD:
        return 0
    if cmd == F_GETFL:
        return 0 if _os.get_blocking(number) else _os.O_NONBLOCK
    if cmd == F_SETFL and isinstance(arg, int):
        _os.set_blocking(number, not arg & _os.O_NONBLOCK)
        return 0
    raise OSError(_errno.ENOTSUP, "a component cannot change this setting of a descriptor")


def _duplicate(fd, least):
    """The lowest free number that is not below `least`."""
    number = _os.dup(fd)
    if number >= least:
        return number
    try:
        return _duplicate(fd, least)
    finally:
        _os.close(number)


def ioctl(fd, request, arg=0, mutate_flag=True, /):
    _os.fstat(_number(fd))
    raise OSError(_errno.ENOTTY, "a component has no terminals and devices")
