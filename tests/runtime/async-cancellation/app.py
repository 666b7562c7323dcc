import asyncio

import wit_world
from wit_world.imports import host


async def cancelled(coroutine, seconds=0.01):
    """What a coroutine does when it is cancelled."""
    task = asyncio.create_task(coroutine)
    await asyncio.sleep(seconds)
    task.cancel()
    try:
        return f"returned {await task!r}"
    except asyncio.CancelledError:
        return "cancelled"


class WitWorld(wit_world.WitWorld):
    async def gives_up(self):
        outcomes = [await cancelled(host.never("x")), await cancelled(host.slow("x"))]
        outcomes.append(await host.quick("and goes on"))
        return outcomes

    async def cancels_many(self, count):
        tasks = [asyncio.create_task(host.never("x" * 1000)) for _ in range(count)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return sum(isinstance(result, asyncio.CancelledError) for result in results)

    async def never_read(self, data):
        first = await data.read(1)
        writer, reader = wit_world.byte_stream()
        outcomes = [str(first), await cancelled(reader.read(1))]
        # The end is usable again, and nothing is lost.
        write = asyncio.create_task(writer.write_all(b"abc"))
        read = asyncio.create_task(reader.read(2))
        while not read.done():
            await asyncio.sleep(0)
        outcomes.append(str(read.result()))
        outcomes.append(str(await reader.read(2)))
        await write
        return outcomes

    async def write_cancelled(self):
        writer, reader = wit_world.byte_stream()
        outcomes = [await cancelled(writer.write(b"nobody reads this"))]
        write = asyncio.create_task(writer.write(b"this"))
        outcomes.append(str(await reader.read(100)))
        outcomes.append(str(await write))
        return outcomes

    async def late_result(self):
        # The items arrive before the read is cancelled, in the same turn: the next read gets them.
        writer, reader = wit_world.byte_stream()
        read = asyncio.create_task(reader.read(10))
        await asyncio.sleep(0)
        count = await writer.write(b"kept")
        read.cancel()
        try:
            outcome = str(await read)
        except asyncio.CancelledError:
            outcome = "cancelled"
        return [str(count), outcome, str(await reader.read(2)) if outcome == "cancelled" else ""]

    async def future_cancelled(self):
        writer, reader = wit_world.u32_future(lambda: 1)
        outcomes = [await cancelled(reader.read()), await cancelled(writer.write(2))]
        write = asyncio.create_task(writer.write(3))
        outcomes.append(str(await reader.read()))
        outcomes.append(str(await write))
        return outcomes

    async def goes_on(self):
        try:
            await asyncio.wait_for(host.never("x"), 0.01)
        except TimeoutError:
            return await host.slow("goes on")

    async def cancels_itself(self):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    async def stays(self):
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(10)
        except TimeoutError:
            return "stays"
