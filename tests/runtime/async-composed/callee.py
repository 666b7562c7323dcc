import asyncio
import gc

import wit_world
from componentize_py_types import Err, Ok
from componentize_py_async_support import spawn
from work import Item
from wit_world.exports.work import Row

log = []


def feed(pair, items):
    writer, reader = pair

    async def run():
        with writer:
            taken = await writer.write_all(items)
            if taken < len(items):
                log.append(f"{taken} of {len(items)} taken")

    spawn(run())
    return reader

class Work:
    async def slow(self, ms):
        log.append("slow begins")
        try:
            await asyncio.sleep(ms / 1000)
            return "done"
        except asyncio.CancelledError:
            log.append("slow cancelled")
            raise
    async def stubborn(self, ms):
        try:
            await asyncio.sleep(ms / 1000)
        except asyncio.CancelledError:
            log.append("stubborn cancelled")
        return "done anyway"
    async def log(self):
        told = log[:]
        log.clear()
        return told
    async def rows(self):
        return feed(wit_world.work_row_stream(), [Row("a", ["x", "y"]), Row("b", [])])

    async def items(self, count):
        return feed(wit_world.work_item_stream(), [Item(number) for number in range(count)])

    async def nested(self):
        inner = [feed(wit_world.byte_stream(), bytes([number] * 3)) for number in (1, 2)]
        return feed(wit_world.stream_u8_stream(), inner)

    async def outcome(self, fail):
        writer, reader = wit_world.result_work_row_string_future(lambda: Err("default"))
        spawn(writer.write(Err("failed") if fail else Ok(Row("fine", []))))
        return reader

    async def give_back(self, items, count):
        total = 0
        with items:
            while count and not items.writer_dropped:
                for item in await items.read(1):
                    total += item.number()
                    count -= 1
        return total

    def alive(self):
        gc.collect()
        return sum(isinstance(found, Item) for found in gc.get_objects())

    async def produce(self, count):
        writer, reader = wit_world.string_stream()
        async def run():
            with writer:
                for i in range(count):
                    if await writer.write_all([f"item {i}"]) == 0:
                        log.append(f"reader gone at {i}")
                        break
        spawn(run())
        return reader
    async def consume(self, data):
        total = 0
        with data:
            while not data.writer_dropped:
                for item in await data.read(2):
                    total += sum(item)
        return total
