"""`poll_loop` over a host made of Python: pollables that become ready after some calls of `poll`."""

import asyncio
import concurrent.futures
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


class AtOnce(concurrent.futures.Executor):
    """Calls functions when they are submitted, as those of components do."""

    def submit(self, function, /, *arguments):
        future = concurrent.futures.Future()
        future.set_result(function(*arguments))
        return future


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
    assert await loop.run_in_executor(AtOnce(), pow, 2, 5) == 32


run(timers())


async def tasks():
    loop = asyncio.get_running_loop()
    order = []

    async def one(name, seconds):
        await asyncio.sleep(seconds)
        order.append(name)
        return name

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
            group.create_task(one(name, seconds))
    assert order == ["a", "b", "c"]
    done = [await task for task in asyncio.as_completed([one("late", 2.0), one("early", 1.0)])]
    assert done == ["early", "late"]

    async with asyncio.timeout(5.0):
        queue = asyncio.Queue()
        loop.call_later(1.0, queue.put_nowait, "item")
        assert await queue.get() == "item"

    async def fails():
        raise ValueError("in a group")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(register(loop, Pollable(Clock.now + 10**15)))
            group.create_task(fails())
    except* ValueError:
        pass
    # The pollable of the task that was cancelled with it is gone.
    assert not loop.wakers

    # One poll for each moment at which something happens, and none between.
    polls, calls = Clock.polls, len(order)
    await asyncio.gather(*(one(name, 1.0) for name in range(50)))
    assert Clock.polls - polls <= 2 and len(order) - calls == 50, Clock.polls - polls


run(tasks())


async def broken_callback():
    loop = asyncio.get_running_loop()
    seen = []
    loop.set_exception_handler(lambda _, context: seen.append(context["exception"]))
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(1.0)
    assert [type(error) for error in seen] == [ZeroDivisionError]


run(broken_callback())


async def thrown_away():
    # The stream goes before its body: the host would trap otherwise.
    for make in (lambda: Stream(IncomingBody([b"x"])), lambda: Sink(OutgoingBody())):
        held = make()
        names = list(vars(held))
        assert names.index("stream") < names.index("body"), names
        held.stream.__exit__()
        held.body.__exit__()


run(thrown_away())


async def other_loop():
    stream = Stream(IncomingBody([b"x"]))
    assert await stream.next() == b"x"
    try:
        await stream.next()
    except RuntimeError as error:
        assert "loop_factory=PollLoop" in str(error)
    else:
        raise AssertionError
    stream.stream.__exit__()
    stream.body.__exit__()


asyncio.run(other_loop())
assert Resource.alive == 0, Resource.alive


def left_waiting():
    # Closing a loop drops what tasks still wait for, and the tasks may end later.
    async def wait(pollable):
        await register(asyncio.get_running_loop(), pollable)

    async def start(pollable):
        task = asyncio.ensure_future(wait(pollable))
        await asyncio.sleep(1.0)
        return task

    loop = PollLoop()
    loop.time = lambda: Clock.now / 1e9
    pollable = Pollable(Clock.now + 10**15)
    task = loop.run_until_complete(start(pollable))
    loop.close()
    assert pollable.dropped and Resource.alive == 0
    task.get_coro().close()
    task._log_destroy_pending = False


left_waiting()


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
