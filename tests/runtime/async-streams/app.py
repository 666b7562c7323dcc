import asyncio
import gc
from array import array

import wit_world
from componentize_py_async_support import spawn
from componentize_py_runtime import live
from wit_world.imports import host


async def copy(reader, writer):
    with reader, writer:
        while not reader.writer_dropped:
            items = await reader.read(3)
            if items and await writer.write_all(items) < len(items):
                break


def copied(reader, pair):
    writer, result = pair
    spawn(copy(reader, writer))
    return result


class WitWorld(wit_world.WitWorld):
    async def copy_bytes(self, data):
        return copied(data, wit_world.byte_stream())

    async def copy_strings(self, data):
        return copied(data, wit_world.string_stream())

    async def copy_units(self, data):
        return copied(data, wit_world.unit_stream())

    async def copy_floats(self, data):
        return copied(data, wit_world.f64_stream())

    async def copy_future(self, value):
        writer, reader = wit_world.u32_future(lambda: 0)

        async def write():
            with value:
                assert await writer.write(await value.read())

        spawn(write())
        return reader

    async def copy_signal(self, value):
        writer, reader = wit_world.unit_future(lambda: None)

        async def write():
            await writer.write(await value.read())

        spawn(write())
        return reader

    async def total(self, data):
        total = 0
        while not data.writer_dropped:
            total += sum(await data.read(1000))
        return total

    async def passes_on(self, data):
        return host.echo_strings(data)

    async def through_host(self, data):
        return await host.echo_bytes(data)

    async def count_bytes(self, data):
        reads = length = 0
        with data:
            while not data.writer_dropped:
                got = await data.read(1 << 30)
                assert type(got) is bytes
                length += len(got)
                reads += bool(got)
        return length, min(reads, 1)

    async def produces(self, count):
        writer, reader = wit_world.byte_stream()

        async def produce():
            with writer:
                assert await writer.write_all(bytes(range(256)) * (count // 256)) == count // 256 * 256

        spawn(produce())
        return reader

    async def produces_floats(self):
        writer, reader = wit_world.f64_stream()
        numbers = array("d", [0.5, 1.5, 2.5, 3.5, 4.5])

        async def produce():
            with writer:
                assert await writer.write_all(numbers) == 5
                assert await writer.write_all(memoryview(numbers)[::-2]) == 3
                try:
                    await writer.write_all(array("w", "x"))
                except TypeError as error:
                    assert str(error) == "stream: write: a buffer of format `w`: item 0: expected `f64`, got str", error
                    assert await writer.write_all([1, 2]) == 2

        spawn(produce())
        return reader

    async def points(self):
        return [wit_world.Point(1, 2)]

    async def drops_reader(self, data):
        await data.read(1)
        data.__exit__(None, None, None)

    async def default_future(self):
        writer, reader = wit_world.string_future(lambda: "the default")
        return reader

    async def late_future(self):
        writer, reader = wit_world.string_future(lambda: "the default")

        async def write():
            await asyncio.sleep(0.01)
            await writer.write("late")

        spawn(write())
        return reader

    async def local(self):
        # Numbers may be written and read by the same component.
        writer, reader = wit_world.byte_stream()
        write = asyncio.create_task(writer.write_all(b"abcdef"))
        first, second = await reader.read(4), await reader.read(4)
        count = await write
        future_writer, future = wit_world.u32_future(lambda: 0)
        value, taken = await asyncio.gather(future.read(), future_writer.write(7))
        del writer
        rest = await reader.read(1)
        return [first.decode(), second.decode(), str(count), str(value), str(taken), str((rest, reader.writer_dropped))]

    async def strings_locally(self):
        writer, reader = wit_world.string_stream()
        write = asyncio.create_task(writer.write(["a"]))
        await asyncio.sleep(0)
        try:
            await reader.read(1)
        except RuntimeError as error:
            write.cancel()
            return str(error)

    async def misuse(self, data):
        found = []

        async def attempt(what):
            try:
                await what
            except (TypeError, ValueError, RuntimeError, OverflowError) as error:
                found.append(f"{type(error).__name__}: {error}")

        first = asyncio.create_task(data.read(1))
        second = asyncio.create_task(data.read(1))
        await attempt(second)
        await first
        await attempt(data.read(-1))
        writer, reader = wit_world.byte_stream()
        await attempt(writer.write("text"))
        await attempt(writer.write([1, 300]))
        reader.__exit__(None, None, None)
        await attempt(reader.read(1))
        assert await writer.write(b"x") == 0 and writer.reader_dropped
        writer, reader = wit_world.string_stream()
        passed = host.echo_strings(reader)
        await attempt(reader.read(1))
        await attempt(host.echo_bytes(passed))
        with writer, passed:
            pass
        writer, future = wit_world.string_future(lambda: "default")
        await attempt(writer.write(7))
        return found

    async def closed_future(self):
        writer, reader = wit_world.string_future(lambda: "closed")
        with writer:
            pass
        return reader

    async def cycle(self):
        class Cycle:
            def __init__(self):
                self.text = "from a cycle"
                self.writer, self.reader = wit_world.string_future(lambda: self.text)

        async def collect():
            await asyncio.sleep(0)
            gc.collect()

        spawn(collect())
        return Cycle().reader

    async def copies_flags(self):
        found = []
        writer, reader = wit_world.bool_stream()
        write = asyncio.create_task(writer.write([True]))
        await asyncio.sleep(0)
        future_writer, future = wit_world.bool_future(lambda: True)
        read = asyncio.create_task(future.read())
        await asyncio.sleep(0)
        for attempt in (reader.read(1), future_writer.write(True)):
            try:
                found.append(str(await attempt))
            except RuntimeError as error:
                found.append(str(error).partition(" is ")[0].partition(" are ")[0])
        write.cancel()
        read.cancel()
        await asyncio.gather(write, read, return_exceptions=True)
        try:
            wit_world.bool_future(True)
        except TypeError as error:
            found.append(str(error))
        return found

    async def read_and_pass_on(self, data):
        while not data.writer_dropped:
            await data.read(10)
        try:
            await host.echo_bytes(data)
        except ValueError as error:
            return str(error)

    async def unused(self, a, b):
        pass

    def live(self):
        gc.collect()
        return repr(live())
