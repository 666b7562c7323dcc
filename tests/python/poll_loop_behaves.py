"""`poll_loop` over a host made of Python: pollables that become ready after some calls of `poll`."""

import asyncio
import sys
import types

from componentize_py_types import Err, Ok


class Resource:
    alive = 0

    def __init__(self):
        Resource.alive += 1
        self.dropped = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert not self.dropped, "dropped twice"
        self.dropped = True
        Resource.alive -= 1


class Pollable(Resource):
    """Ready when the clock has come that far."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def ready(self):
        return Clock.now >= self.at


class Clock:
    now = 0
    polls = 0


def poll(pollables):
    assert pollables and not any(pollable.dropped for pollable in pollables)
    Clock.polls += 1
    Clock.now = max(Clock.now, min(pollable.at for pollable in pollables))
    return [index for index, pollable in enumerate(pollables) if pollable.ready()]


class StreamError_Closed:
    pass


class InputStream(Resource):
    def __init__(self, chunks):
        super().__init__()
        self.chunks = chunks
        self.at = 0

    def read(self, count):
        if Clock.now < self.at:
            return b""
        if not self.chunks:
            raise Err(StreamError_Closed())
        self.at = Clock.now + 10
        return self.chunks.pop(0)

    def subscribe(self):
        return Pollable(self.at)


class OutputStream(Resource):
    def __init__(self):
        super().__init__()
        self.written = b""
        self.at = 0

    def check_write(self):
        return 3 if Clock.now >= self.at else 0

    def write(self, chunk):
        assert 0 < len(chunk) <= 3
        self.written += chunk
        self.at = Clock.now + 5

    def flush(self):
        self.at = Clock.now + 1

    def subscribe(self):
        return Pollable(self.at)


class IncomingBody(Resource):
    def __init__(self, chunks):
        super().__init__()
        self.input = InputStream(chunks)

    def stream(self):
        return self.input

    @classmethod
    def finish(cls, body):
        assert body.input.dropped, "the stream has to be dropped first"
        body.__exit__()
        return Resource()


class OutgoingBody(Resource):
    def __init__(self):
        super().__init__()
        self.output = OutputStream()

    def write(self):
        return self.output

    @classmethod
    def finish(cls, body, trailers):
        assert body.output.dropped, "the stream has to be dropped first"
        body.__exit__()


class Future(Resource):
    def __init__(self, outcome):
        super().__init__()
        self.outcome = outcome
        self.at = Clock.now + 20

    def get(self):
        return self.outcome if Clock.now >= self.at else None

    def subscribe(self):
        return Pollable(self.at)


def module(name, **names):
    made = sys.modules[name] = types.ModuleType(name)
    vars(made).update(names)
    return made


module("wit_world")
module(
    "wit_world.imports",
    monotonic_clock=module(
        "wit_world.imports.monotonic_clock",
        subscribe_duration=lambda duration: Pollable(Clock.now + duration),
    ),
    outgoing_handler=module("wit_world.imports.outgoing_handler", handle=lambda request, _: Future(request)),
    poll=module("wit_world.imports.poll", Pollable=Pollable, poll=poll),
    streams=module(
        "wit_world.imports.streams",
        InputStream=InputStream,
        OutputStream=OutputStream,
        StreamError_Closed=StreamError_Closed,
    ),
    types=module(
        "wit_world.imports.types",
        IncomingBody=IncomingBody,
        IncomingResponse=object,
        OutgoingBody=OutgoingBody,
        OutgoingRequest=object,
    ),
)

from poll_loop import PollLoop, Sink, Stream, register, send  # noqa: E402


def run(coroutine):
    loop = PollLoop()
    # The loop's clock is the host's.
    loop.time = lambda: Clock.now / 1e9
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
        assert not loop.wakers and Resource.alive == 0, Resource.alive


async def echo(chunks):
    body = OutgoingBody()
    stream, sink = Stream(IncomingBody(list(chunks))), Sink(body)
    while (chunk := await stream.next()) is not None:
        await sink.send(chunk)
    assert await stream.next() is None
    sink.close()
    return body.output.written


assert run(echo([b"hello, ", b"world", b"!"])) == b"hello, world!"


async def several():
    return await asyncio.gather(*(echo([bytes([n]) * n]) for n in range(1, 20)))


assert run(several()) == [bytes([n]) * n for n in range(1, 20)]


async def answers():
    assert await send(Ok(Ok("response"))) == "response"
    try:
        await send(Ok(Err("refused")))
    except Err as error:
        assert error.value == "refused"
    else:
        raise AssertionError


run(answers())


async def timers():
    loop = asyncio.get_running_loop()
    start = Clock.now
    await asyncio.sleep(2.0)
    assert Clock.now - start >= 2_000_000_000
    try:
        await asyncio.wait_for(register(loop, Pollable(Clock.now + 10**12)), 1.0)
    except TimeoutError:
        pass
    else:
        raise AssertionError
    try:
        loop.run_in_executor(None, print)
    except RuntimeError as error:
        assert "threads" in str(error)


run(timers())


async def stuck():
    await asyncio.get_running_loop().create_future()


loop = PollLoop()
coroutine = stuck()
try:
    loop.run_until_complete(coroutine)
except RuntimeError as error:
    assert "wait forever" in str(error)
else:
    raise AssertionError
for task in asyncio.all_tasks(loop):
    task.cancel()
loop._ready.clear()
coroutine.close()
loop.close()
