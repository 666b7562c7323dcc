"""Locks and settings of descriptors, in a component.

A lock succeeds if the descriptor is open: nobody else runs in this component, and WASI offers no lock against other instances
that have the same directory. What needs the descriptor's settings raises `OSError`.
"""

import errno as _errno
import os as _os
import stat as _stat
from operator import index as _index

LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8
LOCK_MAND, LOCK_READ, LOCK_WRITE, LOCK_RW = 32, 64, 128, 192
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL = 0, 1, 2, 3, 4
F_GETLK, F_SETLK, F_SETLKW = 5, 6, 7
F_DUPFD_CLOEXEC = 1030
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2
FD_CLOEXEC = 1


# The C library gives no higher number, like systems with the usual limit.
_MOST_DESCRIPTORS = 1024
# Of `struct flock`: the kind of lock comes first.
_LOCK_SIZE = 2
_LONGEST_ARGUMENT = 1024


def _number(fd):
    if not isinstance(fd, int):
        try:
            fileno = fd.fileno
        except AttributeError:
            raise TypeError("argument must be an int, or have a fileno() method.") from None
        fd = fileno()
        if not isinstance(fd, int):
            raise TypeError("fileno() returned a non-integer")
    if not -(1 << 31) <= fd < 1 << 31:
        raise OverflowError("Python int too large to convert to C int")
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    return int(fd)


def _invalid():
    return OSError(_errno.EINVAL, "Invalid argument")


def flock(fd, operation, /):
    number, operation = _number(fd), _index(operation)
    _os.fstat(number)
    if operation & ~LOCK_NB not in (LOCK_SH, LOCK_EX, LOCK_UN):
        raise _invalid()


def lockf(fd, cmd, len=0, start=0, whence=0, /):
    number, cmd, whence = _number(fd), _index(cmd), _index(whence)
    if cmd != LOCK_UN and not cmd & (LOCK_SH | LOCK_EX):
        raise ValueError("unrecognized lockf argument")
    _index(len), _index(start)
    _os.fstat(number)
    if whence not in (_os.SEEK_SET, _os.SEEK_CUR, _os.SEEK_END):
        raise _invalid()


def fcntl(fd, cmd, arg=0, /):
    number, cmd = _number(fd), _index(cmd)
    if isinstance(arg, int):
        return _with_number(number, cmd, arg)
    content = arg.encode() if isinstance(arg, str) else bytes(memoryview(arg))
    if len(content) > _LONGEST_ARGUMENT:
        raise ValueError("fcntl argument 3 is too long")
    _os.fstat(number)
    if cmd in (F_SETLK, F_SETLKW):
        return content
    if cmd == F_GETLK and len(content) >= _LOCK_SIZE:
        return F_UNLCK.to_bytes(_LOCK_SIZE, "little") + content[_LOCK_SIZE:]
    raise _invalid()


def _with_number(number, cmd, arg):
    status = _os.fstat(number)
    if cmd in (F_DUPFD, F_DUPFD_CLOEXEC):
        return _duplicate(number, arg)
    if cmd == F_GETFD:
        # Nothing is executed, so nothing is inherited.
        return FD_CLOEXEC
    if cmd == F_SETFD:
        return 0
    waits = not _stat.S_ISREG(status.st_mode)
    if cmd == F_GETFL:
        return 0 if not waits or _os.get_blocking(number) else _os.O_NONBLOCK
    if cmd == F_SETFL:
        # The flag has no meaning for files.
        if waits:
            _os.set_blocking(number, not arg & _os.O_NONBLOCK)
        return 0
    raise OSError(_errno.ENOTSUP, "a component cannot change this setting of a descriptor")


def _duplicate(fd, least):
    """The lowest free number that is not below `least`."""
    if not 0 <= least < _MOST_DESCRIPTORS:
        raise _invalid()
    for number in range(least, _MOST_DESCRIPTORS):
        try:
            _os.fstat(number)
        except OSError as error:
            if error.errno == _errno.EBADF:
                return _os.dup2(fd, number)
    raise OSError(_errno.EMFILE, "No file descriptors available")


def ioctl(fd, request, arg=0, mutate_flag=True, /):
    number = _number(fd)
    _index(request)
    if not isinstance(arg, (int, str)):
        memoryview(arg)
    _os.fstat(number)
    raise OSError(_errno.ENOTTY, "a component has no terminals and devices")
