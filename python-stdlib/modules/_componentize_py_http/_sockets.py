"""The open sockets, by their descriptors."""

import errno
import functools

# Above the descriptors that files can have.
_FIRST = 1 << 20

open_ones = {}  # descriptor -> connection
_next = _FIRST


def is_one(number):
    return number in open_ones or number >= _FIRST


def add(connection):
    global _next
    number, _next = _next, _next + 1
    open_ones[number] = connection
    return number


def get(number):
    connection = open_ones.get(number)
    if connection is None:
        raise OSError(errno.EBADF, "Bad file descriptor")
    return connection


def remove(number):
    """Closes a descriptor, and with the last one the connection."""
    connection = get(number)
    del open_ones[number]
    if connection not in open_ones.values():
        connection.close()


def connections(numbers):
    found = [open_ones.get(number) for number in numbers]
    return [connection for connection in found if connection is not None]


@functools.cache
def backend():
    from _componentize_py_http import bindings

    return bindings()


def pollables(numbers):
    """For `poll_loop`: what to wait for at these sockets; the caller drops them."""
    exchanges = {connection.exchange for connection in connections(numbers)} - {None}
    return [pollable for exchange in exchanges for pollable in exchange.pollables()]
