import asyncio
import wit_world
from wit_world.imports import work
class WitWorld(wit_world.WitWorld):
    async def give_up(self):
        try:
            await asyncio.wait_for(work.slow(10000), 0.02)
        except TimeoutError:
            return ["timeout", *await work.log()]
    async def give_up_on_stubborn(self):
        task = asyncio.create_task(work.stubborn(10000))
        await asyncio.sleep(0.02)
        task.cancel()
        try:
            outcome = await task
        except asyncio.CancelledError:
            outcome = "cancelled"
        return [outcome, *await work.log()]
    async def many(self, count):
        results = await asyncio.gather(*(work.slow(20) for _ in range(count)))
        return len(results)
    async def pipes(self):
        reader = await work.produce(5)
        items = []
        with reader:
            while len(items) < 3:
                items += await reader.read(1)
        writer, data = wit_world.list_u32_stream()
        async def feed():
            with writer:
                return await writer.write_all([[1, 2], [3], [], [4, 5]])
        total, written = await asyncio.gather(work.consume(data), feed())
        return [*items, str(total), str(written), (await work.log())[-1]]
