import asyncio

import wit_world
from componentize_py_async_support import spawn
from componentize_py_types import Err
from wit_world.imports import host


class WitWorld(wit_world.WitWorld):
    async def echo_text(self, text):
        return text

    async def waits(self, text):
        return await host.slow_echo(text)

    async def gathered(self, count):
        return await asyncio.gather(*(host.quick(number) for number in range(count)))

    async def divide(self, a, b):
        if await host.quick(b) == 0:
            raise Err("division by zero")
        return a // b

    async def total(self, data):
        total = 0
        with data:
            while not data.writer_dropped:
                total += sum(await data.read(16))
        return total

    async def produce(self, count):
        writer, reader = wit_world.byte_stream()

        async def write():
            with writer:
                await writer.write_all(bytes(range(count)))

        spawn(write())
        return reader

    async def strings(self):
        writer, reader = wit_world.string_stream()

        async def write():
            with writer:
                await writer.write_all(["one", "two", "three"])

        spawn(write())
        return reader

    async def later(self):
        writer, reader = wit_world.string_future(lambda: "the default")
        spawn(writer.write("written"))
        return reader

    async def unwritten(self):
        writer, reader = wit_world.string_future(lambda: "the default")
        with writer:
            pass
        return reader

    async def raises(self):
        await host.quick(1)
        raise ValueError("out of a coroutine")
