"""Waiting for sockets: `select.select` and `select.poll`, which asyncio and the pools of HTTP clients use.

Descriptors of files are still CPython's business, and are always ready.
"""

import select
import sys
import time

from . import _sockets

_real_poll, _real_select = select.poll, select.select
_READ = select.POLLIN | select.POLLRDNORM
_WRITE = select.POLLOUT | select.POLLWRNORM


def _number(fileobj):
    return fileobj if isinstance(fileobj, int) else fileobj.fileno()


def until(connections, is_done, deadline):
    """Waits until a condition holds: True, or False if the time is over first."""
    while not is_done():
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return False
        _sockets.backend().wait(connections, left)
    return True


class poll:
    """A polling object."""

    def __init__(self):
        self._masks, self._others = {}, _real_poll()
        self._other_count = 0

    def register(self, fd, eventmask=_READ | select.POLLPRI | _WRITE):
        number = _number(fd)
        if _sockets.is_one(number):
            self._masks[number] = eventmask
        else:
            self._others.register(fd, eventmask)
            self._other_count += 1

    def modify(self, fd, eventmask):
        number = _number(fd)
        if number in self._masks:
            self._masks[number] = eventmask
        else:
            self._others.modify(fd, eventmask)

    def unregister(self, fd):
        number = _number(fd)
        if self._masks.pop(number, None) is None:
            self._others.unregister(fd)
            self._other_count -= 1

    def _ready(self):
        found = [(number, events) for number, mask in self._masks.items() if (events := _events(number, mask))]
        return found + (self._others.poll(0) if self._other_count else [])

    def poll(self, timeout=None):
        if not self._masks and self._other_count:
            return self._others.poll(timeout)
        seconds = None if timeout is None or timeout < 0 else timeout / 1000
        found = []

        def is_done():
            found[:] = self._ready()
            return bool(found)

        until(_sockets.connections(self._masks), is_done, None if seconds is None else time.monotonic() + seconds)
        return found


def _events(number, mask):
    connection = _sockets.open_ones.get(number)
    if connection is None:
        return select.POLLNVAL
    events = mask & _READ and connection.is_readable() and mask & _READ
    return events | (mask & _WRITE and connection.is_writable() and mask & _WRITE)


class _Select:
    """`select.select`. `selectors` keeps it in a class, where a function would become a method."""

    def __call__(self, rlist, wlist, xlist, timeout=None, /):
        asked = [_number(one) for one in (*rlist, *wlist, *xlist)]
        if asked and not any(map(_sockets.is_one, asked)):
            return _real_select(rlist, wlist, xlist, timeout)
        if timeout is not None and timeout < 0:
            raise ValueError("timeout must be non-negative")
        found = []

        def is_done():
            found[:] = (
                [one for one in rlist if _events(_number(one), select.POLLIN)],
                [one for one in wlist if _events(_number(one), select.POLLOUT)],
            )
            return any(found)

        until(_sockets.connections(asked), is_done, None if timeout is None else time.monotonic() + timeout)
        return found[0], found[1], []


def install():
    select.poll, select.select = poll, _Select()
    selectors = sys.modules.get("selectors")
    if selectors is not None:
        selectors.PollSelector._selector_cls = poll
        selectors.SelectSelector._select = select.select
