"""Locks for `multiprocessing`, in a component: it has one process, so they are those of `threading`."""

import threading as _threading

flags = {"HAVE_SEM_OPEN": 1, "HAVE_SEM_TIMEDWAIT": 1, "HAVE_BROKEN_SEM_GETVALUE": 0}
_RECURSIVE_MUTEX = 0


class SemLock:
    """A semaphore, or a lock that its owner can take again."""

    SEM_VALUE_MAX = 2**31 - 1
    # Nobody else could look it up.
    name = None

    def __init__(self, kind, value, maxvalue, name, unlink):
        if not 0 <= value <= maxvalue:
            raise ValueError("invalid value")
        self.kind, self.maxvalue, self.handle = kind, maxvalue, id(self)
        self._value, self._owner, self._levels = value, None, 0
        self._condition = _threading.Condition(_threading.Lock())

    def acquire(self, block=True, timeout=None):
        me = _threading.get_ident()
        if self.kind == _RECURSIVE_MUTEX and self._owner == me:
            self._levels += 1
            return True
        with self._condition:
            if not block:
                timeout = 0
            if not self._condition.wait_for(lambda: self._value, timeout):
                return False
            self._value -= 1
            self._owner, self._levels = me, self._levels + 1
            return True

    def release(self):
        if self.kind == _RECURSIVE_MUTEX:
            if self._owner != _threading.get_ident():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._levels > 1:
                self._levels -= 1
                return
        with self._condition:
            if self._value >= self.maxvalue:
                raise ValueError("semaphore or lock released too many times")
            self._levels -= 1
            self._value += 1
            self._owner = None
            self._condition.notify()

    __enter__ = acquire

    def __exit__(self, *exc_info):
        self.release()

    def _count(self):
        return max(self._levels, 0)

    def _is_mine(self):
        return self._levels > 0 and self._owner == _threading.get_ident()

    def _get_value(self):
        return self._value

    def _is_zero(self):
        return self._value == 0

    def _after_fork(self):
        """Nobody forks."""


def sem_unlink(name, /):
    raise FileNotFoundError(2, "No such file or directory", name)
