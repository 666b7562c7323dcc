"""Requests by `wasi:http/outgoing-handler@0.2`.

Every function returns at once; `pollables` has what to wait for. Children are dropped before their parents, as hosts require.
"""

import errno
import math
import sys

from componentize_py_types import Err

from . import errors, outgoing
from .outgoing import drop

_READ_SIZE = 64 * 1024

# Modules of the bindings.
types = handler = streams = poll = clock = None


def bind(found, client):
    """Takes the bindings: of `wasi:http`, and of the interfaces that its functions lead to."""
    global types, handler, streams, poll, clock
    types, handler = found, client
    streams, poll, clock = (_imported(mark) for mark in ("StreamError_Closed", "poll", "subscribe_duration"))


def _imported(mark):
    """The module of the bindings with this attribute; the types import it."""
    for name, module in list(sys.modules.items()):
        if name.rpartition(".")[0] == types.__name__.rpartition(".")[0] and hasattr(module, mark):
            # An interface that is only used somewhere has its name there, too.
            if getattr(getattr(module, mark), "__module__", None) == name:
                return module
    raise ImportError(f"the bindings have no {mark}")


def wait(connections, timeout):
    """Waits until something happens at one of the connections, or for so many seconds."""
    pollables = [pollable for connection in connections if connection.exchange for pollable in connection.exchange.pollables()]
    _wait(pollables, timeout)


def _wait(pollables, timeout):
    timer = []
    try:
        if timeout is not None:
            timer.append(clock.subscribe_duration(max(math.ceil(timeout * 1e9), 0)))
        if pollables or timer:
            poll.poll(pollables + timer)
            return
    finally:
        for pollable in pollables + timer:
            drop(pollable)
    raise OSError(errno.EDEADLK, "nothing can happen at this socket: no request has been sent")


class Exchange:
    """A request on its way, and its response."""

    def __init__(self, request, changed):
        made = outgoing.of_version(types, types.OutgoingRequest(outgoing.fields(types, request.fields)), request)
        self._body = made.body()
        self._sink = self._body.write()
        self._future = self._response = self._content = self._stream = self._ending = None
        self._room = 0
        self._is_full = False
        self.is_finished = False
        try:
            self._future = handler.handle(made, outgoing.options(types, request.timeout))
        except Err as error:
            self.close()
            raise errors.of_code(error.value) from None

    # --- The request ------------------------------------------------------------------------------------------------

    def write(self, data):
        """Writes as much as the host takes now; returns how much."""
        if self._sink is None:
            return len(data)  # the server wants no more, and its response or the error says why
        try:
            if not self._room:
                self._room = self._sink.check_write()
            taken = min(self._room, len(data))
            if taken:
                self._sink.write(data[:taken])
                self._sink.flush()
                self._room = 0
            self._is_full = taken < len(data)
        except Err:
            self._abandon()
            return len(data)
        return taken

    def finish(self, trailers):
        self.is_finished = True
        if self._sink is None:
            return
        drop(self._sink)
        body, self._sink, self._body = self._body, None, None
        try:
            types.OutgoingBody.finish(body, outgoing.fields(types, trailers) if trailers else None)
        except Err as error:
            raise errors.of_code(error.value) from None

    def _abandon(self):
        self._is_full = False
        drop(self._sink)
        drop(self._body)
        self._sink = self._body = None

    # --- The response -----------------------------------------------------------------------------------------------

    def has_head(self):
        return self._response is not None

    def head(self):
        """The status and the headers, None if they are not there yet."""
        outcome = self._future.get()
        if outcome is None:
            return None
        if isinstance(outcome, Err):
            raise OSError(errno.EIO, "the response was already taken")
        if isinstance(outcome.value, Err):
            raise errors.of_code(outcome.value.value)
        self._response = outcome.value.value
        self._content = self._response.consume()
        self._stream = self._content.stream()
        with self._response.headers() as headers:
            return self._response.status(), headers.entries()

    def read(self):
        """Some of the body, None if nothing is there yet, and nothing at its end."""
        if self._stream is None:
            return b""
        try:
            return self._stream.read(_READ_SIZE) or None
        except Err as error:
            failure = error.value
        if not isinstance(failure, streams.StreamError_Closed):
            with failure.value as reason:
                code = types.http_error_code(reason)
                if code:
                    raise errors.of_code(code)
                raise ConnectionResetError(errno.ECONNRESET, reason.to_debug_string().partition("\n")[0])
        drop(self._stream)
        self._stream = None
        content, self._content = self._content, None
        self._ending = types.IncomingBody.finish(content)
        return b""

    def trailers(self):
        """The trailers, None if they are not there yet."""
        outcome = self._ending.get()
        if outcome is None:
            return None
        if isinstance(outcome, Err) or isinstance(outcome.value, Err):
            raise errors.of_code(outcome.value.value if isinstance(outcome.value, Err) else None)
        if outcome.value.value is None:
            return []
        with outcome.value.value as fields:
            return fields.entries()

    # --- Waiting, and the end ---------------------------------------------------------------------------------------

    def pollables(self):
        """What to wait for; the caller drops them."""
        waiting = self._stream or self._ending or (None if self._response else self._future)
        sources = (self._sink if self._is_full else None, waiting)
        return [source.subscribe() for source in sources if source is not None]

    def close(self):
        for name in ("_sink", "_body", "_stream", "_content", "_ending", "_response", "_future"):
            resource = getattr(self, name)
            setattr(self, name, None)
            drop(resource)
