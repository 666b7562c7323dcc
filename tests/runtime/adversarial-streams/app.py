"""Code of the application's that runs while a value is passed on uses the stream or future that it is passed on by."""

import asyncio
import gc
import sys
import weakref
from array import array
from componentize_py_runtime import live

import wit_world
from wit_world.imports import host


class Number:
    """A number that does something when it is asked for its value."""

    def __init__(self, action, value=7):
        self.action = action
        self.value = value

    def __index__(self):
        self.action()
        return self.value

    def __float__(self):
        self.action()
        return float(self.value)


class Place:
    """What passes for a `point`."""

    y = 2

    def __init__(self, action):
        self.action = action

    @property
    def x(self):
        self.action()
        return 1


class Lazy:
    """Items that do something when they are asked for."""

    def __init__(self, action, items):
        self.action = action
        self.items = items

    def __len__(self):
        self.action()
        return len(self.items)

    def __iter__(self):
        for item in self.items:
            self.action()
            yield item

    def __getitem__(self, index):
        self.action()
        return self.items[index]


class Exporter:
    def __init__(self, action, data):
        self.action = action
        self.data = data

    def __buffer__(self, flags):
        self.action()
        return memoryview(self.data)

    def __release_buffer__(self, view):
        self.action()


def begin(coroutine):
    """Up to where it waits."""
    try:
        coroutine.send(None)
    except StopIteration as result:
        return result.value
    return coroutine


async def outcome(coroutine):
    try:
        return repr(await asyncio.wait_for(coroutine, 0.05))
    except asyncio.TimeoutError:
        return "waits"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def write_while(pair, items, reads=True):
    """Writes what `items` makes of the action that closes the stream and opens others, and says what came where."""
    writer, reader = pair
    others = []

    def reopen():
        writer.__exit__()
        others.extend(type_of() for type_of in (wit_world.u32_stream, wit_world.byte_stream))

    written = asyncio.ensure_future(outcome(writer.write(items(reopen))))
    await asyncio.sleep(0)
    seen = [await outcome(other.read(9)) for _, other in others]
    if not written.done() and reads:
        seen.append(await outcome(reader.read(9)))
    return f"{await written}; {seen}"


async def close_index():
    return await write_while(wit_world.u32_stream(), lambda reopen: [Number(reopen), 2])


async def close_float():
    return await write_while(wit_world.f64_stream(), lambda reopen: [0.5, Number(reopen)])


async def close_property():
    return await write_while(wit_world.host_point_stream(), lambda reopen: [Place(reopen)], reads=False)


async def close_iterator():
    return await write_while(wit_world.u32_stream(), lambda reopen: Lazy(reopen, [1, 2]))


async def close_length():
    return await write_while(wit_world.unit_stream(), lambda reopen: Lazy(reopen, [None]))


async def close_buffer():
    return await write_while(wit_world.byte_stream(), lambda reopen: Exporter(reopen, b"ab"))


async def close_buffer_released():
    """What is raised there Python shows and forgets."""
    calls = []

    def at_release(reopen):
        return lambda: calls.append(1) if not calls else reopen()

    return await write_while(wit_world.byte_stream(), lambda reopen: Exporter(at_release(reopen), b"ab"))


async def close_trace():
    def items(reopen):
        def trace(frame, event, argument):
            if frame.f_code.co_name == "__index__":
                sys.settrace(None)
                reopen()

        sys.settrace(trace)
        return [Number(lambda: None)]

    return await write_while(wit_world.u32_stream(), items)


async def close_finalizer():
    """Garbage in a circle, which is collected in the middle."""

    def items(reopen):
        class Circle:
            def __del__(self):
                reopen()

        circle = Circle()
        circle.me = circle
        return [Number(gc.collect)]

    return await write_while(wit_world.u32_stream(), items)


async def close_weakref():
    def items(reopen):
        class Dying:
            pass

        dying = [Dying()]
        reference = weakref.ref(dying[0], lambda _: reopen())
        return [Number(dying.clear), Number(lambda: reference)]

    return await write_while(wit_world.u32_stream(), items)


async def write_again():
    writer, reader = wit_world.u32_stream()
    written = asyncio.ensure_future(outcome(writer.write([Number(lambda: begin(writer.write([1, 2, 3])))])))
    await asyncio.sleep(0)
    return f"{await written}; {await outcome(reader.read(9))}"


async def fail_and_go_on():
    """A write that fails leaves the end as it was."""
    writer, reader = wit_world.u32_stream()
    failed = await outcome(writer.write([1, Number(lambda: 1 / 0)]))
    written = asyncio.ensure_future(outcome(writer.write(array("I", [5, 6]))))
    await asyncio.sleep(0)
    said = f"{failed}; {await outcome(reader.read(9))}; {await written}"
    with writer, reader:
        return f"{said}; {await outcome(writer.write([]))}"


async def read_meanwhile():
    """The other end of a stream that only hosts can copy."""
    writer, reader = wit_world.host_point_stream()
    reading = []
    written = await outcome(writer.write([Place(lambda: reading.append(begin(reader.read(1))))]))
    return f"{written}; {reading}"


async def read_numbers_meanwhile():
    writer, reader = wit_world.u32_stream()
    reading = []

    async def read():
        reading.append(await reader.read(9))

    task = []
    action = lambda: task.append(asyncio.ensure_future(read()))
    written = await outcome(writer.write([Number(action), 8]))
    await asyncio.gather(*task)
    return f"{written}; {reading}"


async def give_away_meanwhile():
    """The readable end goes to the host before the write begins."""
    writer, reader = wit_world.u32_stream()
    calls = []
    action = lambda: calls.append(asyncio.ensure_future(host.echo_numbers(reader)))
    written = asyncio.ensure_future(outcome(writer.write([Number(action), 8])))
    await asyncio.sleep(0.01)
    with await calls[0] as back:
        read = await outcome(back.read(9))
    with writer:
        return f"{await written}; {read}"


async def close_reader_meanwhile():
    writer, reader = wit_world.u32_stream()
    return await outcome(writer.write([Number(reader.__exit__)]))


async def future_index():
    writer, reader = wit_world.u32_future(lambda: 1)
    written = await outcome(writer.write(Number(writer.__exit__)))
    again = asyncio.ensure_future(outcome(writer.write(5)))
    await asyncio.sleep(0)
    return f"{written}; {await outcome(reader.read())}; {await again}"


async def future_default_closes():
    pair = []

    def default():
        pair[0].__exit__()
        return 3

    pair.extend(wit_world.u32_future(default))
    pair[0].__exit__()
    return await outcome(pair[1].read())


async def future_default_writes():
    pair = []
    inner = []

    def default():
        inner.append(begin_outcome(pair[0].write(4)))
        return 3

    pair.extend(wit_world.u32_future(default))
    pair[0].__exit__()
    return f"{inner}; {await outcome(pair[1].read())}"


def begin_outcome(coroutine):
    try:
        return repr(begin(coroutine))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def future_default_fails():
    writer, reader = wit_world.u32_future(lambda: 1 / 0)
    try:
        writer.__exit__()
    except ZeroDivisionError as error:
        first = repr(error)
    written = asyncio.ensure_future(outcome(writer.write(6)))
    await asyncio.sleep(0)
    return f"{first}; {await outcome(reader.read())}; {await written}"


async def never_begun():
    """An exception of a trace function ends `wait` before its first line."""
    pairs = [wit_world.u32_stream() for _ in range(2)]
    said = []
    for begun in (lambda: host.never_ends(1), lambda: pairs[0][0].write([1]), lambda: pairs[1][1].read(1)):

        def trace(frame, event, argument):
            if frame.f_code.co_name == "wait":
                sys.settrace(None)
                raise KeyError("traced")

        coroutine = begun()
        sys.settrace(trace)
        try:
            said.append(repr(begin(coroutine)))
        except KeyError as error:
            said.append(repr(error))
        finally:
            sys.settrace(None)
        del coroutine
    written = asyncio.ensure_future(outcome(pairs[0][0].write([1, 2])))
    await asyncio.sleep(0)
    said.append(await outcome(pairs[0][1].read(9)))
    return f"{said}; {await written}"


async def wrong_index():
    """What generated code calls, called by others."""
    import componentize_py_runtime as runtime

    said = []
    for attempt in (
        lambda: runtime.stream_new(10**6),
        lambda: runtime.stream_new(-1),
        lambda: runtime.future_new(10**6, lambda: 0),
        lambda: runtime.future_new(0),
        lambda: runtime.future_new(),
        lambda: runtime.call_import(10**6),
    ):
        try:
            said.append(repr(attempt()))
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")
    return "\n".join(said)


class WitWorld(wit_world.WitWorld):
    async def types(self, a, b, c, d, e, f):
        pass

    async def attack(self, name):
        return await globals()[name.replace("-", "_")]()

    def live(self):
        gc.collect()
        return str(live()["handles"])
