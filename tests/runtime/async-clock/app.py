"""Timers on the host's own clock, which worlds of WASI 0.3 have."""

import asyncio
import math
import time

import wit_world
from componentize_py_async_support import spawn
from wit_world.imports import random

spawned = 0


class WitWorld(wit_world.WitWorld):
    def has_clock(self):
        import _componentize_py_async

        return _componentize_py_async.CLOCK is not None

    async def sleeps(self):
        assert random.get_random_u64() != random.get_random_u64()
        start = time.monotonic()
        order = []

        async def sleep(seconds, name):
            await asyncio.sleep(seconds)
            order.append(name)

        await asyncio.gather(sleep(0.06, "third"), sleep(0.02, "first"), sleep(0.04, "second"))
        took = time.monotonic() - start
        return order + ["in time" if 0.05 < took < 5 else f"{took} s"]

    async def replaced(self):
        # An earlier timer comes while the clock runs for a later one, and the later one is cancelled.
        late = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0.01)
        early = asyncio.create_task(asyncio.sleep(0.01, "early"))
        result = [await early]
        late.cancel()
        try:
            await late
        except asyncio.CancelledError:
            result.append("cancelled")
        return result

    async def forever(self):
        result = []
        for wait in (asyncio.sleep(math.inf), asyncio.sleep(1e12)):
            try:
                async with asyncio.timeout(0.01):
                    await wait
            except TimeoutError:
                result.append("timed out")
        return result

    async def many(self, count):
        done = await asyncio.gather(*(asyncio.sleep(number % 7 / 1000, 1) for number in range(count)))
        return sum(done)

    async def spawns(self):
        async def later():
            global spawned
            await asyncio.sleep(0.02)
            spawned += 1

        spawn(later())

    async def count(self):
        return spawned
