import asyncio
import wit_world
from componentize_py_async_support import spawn
log = []
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
