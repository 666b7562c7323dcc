import asyncio
import wit_world
from componentize_py_types import Err
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
    async def kinds(self):
        found = []
        with await work.rows() as rows:
            while not rows.writer_dropped:
                found += [f"{row.name} {row.tags}" for row in await rows.read(5)]
        with await work.items(3) as items:
            while not items.writer_dropped:
                for item in await items.read(5):
                    with item:
                        found.append(f"item {item.number()}")
        with await work.nested() as streams:
            while not streams.writer_dropped:
                for stream in await streams.read(1):
                    with stream:
                        found.append(str(await stream.read(10)))
        for fail in (False, True):
            found.append(str(await (await work.outcome(fail)).read()))
        found.append(f"{work.alive()} alive")
        return found

    async def leaves_a_block(self):
        # What leaves the block is the reason, not that the item is still in use.
        found = []
        try:
            with work.Item(1) as item:
                await item.slow(True)
        except Err as error:
            found.append(repr(error))
        try:
            with work.Item(2) as item:
                await asyncio.wait_for(item.slow(False), 0.01)
        except TimeoutError as error:
            found.append(repr(error))
        with work.Item(3) as item:
            found.append(await item.slow(False))
        return [*found, f"{work.alive()} alive"]

    async def returned_items(self):
        # The callee takes two of three: the third stays here, and can be used.
        writer, reader = wit_world.work_item_stream()
        items = [work.Item(number) for number in (1, 20, 300)]

        async def feed():
            with writer:
                return await writer.write_all(items)

        total, taken = await asyncio.gather(work.give_back(reader, 2), feed())
        found = [f"total {total}", f"taken {taken}"]
        for item in items:
            try:
                found.append(f"kept {item.number()}")
            except ValueError as error:
                found.append(str(error))
        items.clear()
        # Only a part of them is read: the callee keeps what was not taken.
        found.append(f"{work.alive()} alive")
        with await work.items(4) as reader:
            await reader.read(1)
        await asyncio.sleep(0.01)
        return [*found, f"{work.alive()} alive", *await work.log()]

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
