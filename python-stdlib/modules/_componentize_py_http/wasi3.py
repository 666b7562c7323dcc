"""Requests by `wasi:http/client@0.3`, where functions are asynchronous.

A task carries each request out, and says so when something has happened.
"""

import asyncio
import errno
import sys

from componentize_py_types import Err, Ok

from . import errors, outgoing

_READ_SIZE = 64 * 1024
# The most bytes of a body that wait for the host.
_ROOM = 64 * 1024

# Modules of the bindings, and the functions for a body's stream and for what comes after bodies.
types = client = byte_stream = trailers_future = done_future = None


def bind(found, beside):
    global types, client, byte_stream, trailers_future, done_future
    types, client = found, beside
    package, _, name = found.__name__.rpartition(".")
    world = sys.modules[package.rpartition(".")[0]]
    byte_stream = world.byte_stream
    trailers_future = getattr(world, f"result_option_{name}_fields_{name}_error_code_future")
    done_future = getattr(world, f"result_unit_{name}_error_code_future")


def wait(connections, timeout):
    """Waits until something happens, or for so many seconds. Other tasks of the same call of an export go on meanwhile."""
    runtime = sys.modules["_componentize_py_loop"]
    call = runtime.loop.current
    if call is None:
        raise OSError(errno.EOPNOTSUPP, "requests by WASI 0.3 can be sent only while an asynchronous export is running")
    # Whoever waits may have a loop of its own, or none: a thread, or a WSGI application.
    running = asyncio._get_running_loop()
    waiting = running and asyncio.current_task(running)
    if waiting:
        asyncio.tasks._leave_task(running, waiting)
    asyncio._set_running_loop(runtime.loop)
    try:
        if not call.ready:
            is_timed = timeout is None or runtime._set_clock(call, runtime.loop.time() + timeout)
            if is_timed and call.set:
                runtime._deliver(*runtime.abi.set_wait(call.set), call)
        _run(call)
    finally:
        asyncio._set_running_loop(running)
        if waiting:
            asyncio.tasks._enter_task(running, waiting)


def _run(call):
    """Runs what is ready, except for timers."""
    for _ in range(len(call.ready)):
        handle = call.ready.popleft()
        if not handle._cancelled:
            handle._run()


class Exchange:
    """A request on its way, and its response."""

    def __init__(self, request, changed):
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None:
            raise OSError(errno.EOPNOTSUPP, "requests by WASI 0.3 can be sent only while an asynchronous export is running")
        self._changed = changed
        self._to_send, self._chunk = bytearray(), None
        self._head = self._failure = self._trailers = self._sent_trailers = None
        self._sink_open, self._ended = request.has_body, False
        self.is_finished = False
        self._may_send, self._may_read = asyncio.Event(), asyncio.Event()
        made, *self._sinks = self._made(request)
        self._tasks = [loop.create_task(self._receive(made))]
        if request.has_body:
            self._tasks.append(loop.create_task(self._send()))

    def _made(self, request):
        sink, contents = byte_stream() if request.has_body else (None, None)
        ending, trailers = trailers_future(self._ending)
        fields = outgoing.fields(types, request.fields)
        made, _ = types.Request.new(fields, contents, trailers, outgoing.options(types, request.timeout))
        return outgoing.of_version(types, made, request), sink, ending

    def _ending(self):
        """What follows the body of the request."""
        if not self.is_finished:
            return Err(types.ErrorCode_InternalError("the request was not finished"))
        return Ok(outgoing.fields(types, self._sent_trailers) if self._sent_trailers else None)

    # --- The request ------------------------------------------------------------------------------------------------

    def write(self, data):
        if not self._sink_open:
            return len(data)
        taken = min(len(data), _ROOM - len(self._to_send))
        self._to_send += data[:taken]
        self._may_send.set()
        return taken

    def finish(self, trailers):
        self.is_finished, self._sent_trailers = True, trailers
        self._may_send.set()

    async def _send(self):
        sink, ending = self._sinks
        with ending, sink:
            while not sink.reader_dropped:
                if self._to_send:
                    data = bytes(self._to_send)
                    self._to_send.clear()
                    self._changed()
                    await sink.write_all(data)
                elif self.is_finished:
                    break
                else:
                    self._may_send.clear()
                    await self._may_send.wait()
        self._sink_open = False
        self._to_send.clear()
        self._changed()

    # --- The response -----------------------------------------------------------------------------------------------

    async def _receive(self, made):
        try:
            response = await client.send(made)
            with response.get_headers() as fields:
                self._head = response.get_status_code(), fields.copy_all()
            self._changed()
            stream, trailers = types.Response.consume_body(response, done_future(lambda: Ok(None))[1])
            with stream:
                while chunk := await stream.read(_READ_SIZE):
                    self._chunk = chunk
                    self._changed()
                    while self._chunk is not None:
                        self._may_read.clear()
                        await self._may_read.wait()
            outcome = await trailers.read()
            if isinstance(outcome, Err):
                raise outcome
            if outcome.value is not None:
                with outcome.value as fields:
                    self._trailers = fields.copy_all()
        except Err as error:
            self._failure = errors.of_code(error.value)
        except OSError as error:
            self._failure = error
        self._ended = True
        self._changed()

    def has_head(self):
        return self._head is not None

    def head(self):
        if self._head is None and self._failure is not None:
            raise self._failure
        return self._head

    def read(self):
        chunk, self._chunk = self._chunk, None
        if chunk is None and self._ended:
            if self._failure is not None:
                raise self._failure
            return b""
        self._may_read.set()
        return chunk

    def trailers(self):
        return self._trailers or []

    # --- The end ----------------------------------------------------------------------------------------------------

    def close(self):
        for task in self._tasks:
            if not task.done():
                task.cancel()
        if not self.is_finished and self._sinks[0] is None:
            self.is_finished = True
