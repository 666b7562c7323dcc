import asyncio
import gc

import wit_world
from componentize_py_runtime import live
from componentize_py_types import Err
from wit_world import Failure_Code, Failure_Other, Failure_Text, Point
from wit_world.imports import host

running = 0
most = 0
waiting = None


class WitWorld(wit_world.WitWorld):
    async def echo_text(self, text):
        return text

    async def echo_slow(self, text):
        global running, most
        running += 1
        most = max(most, running)
        try:
            return await host.slow_echo(text)
        finally:
            running -= 1

    async def echo_point(self, point):
        assert type(point) is Point
        await asyncio.sleep(0)
        return point

    async def cancels_another(self):
        global waiting
        task = waiting
        task.cancel()
        return "asked"

    async def is_cancelled_by_another(self):
        global waiting
        waiting = asyncio.current_task()
        try:
            return await host.slow_echo("x")
        except asyncio.CancelledError:
            return "cancelled by another call"

    async def late_cancel(self):
        # The event comes after the cancellation and before the coroutine has seen it.
        outcomes = set()
        for rounds in range(58, 68):
            task = asyncio.create_task(host.quick(1))
            for _ in range(rounds):
                await asyncio.sleep(0)
            task.cancel()
            try:
                outcomes.add(str(await task))
            except asyncio.CancelledError:
                outcomes.add("cancelled")
        return sorted(outcomes) in (["1"], ["1", "cancelled"], ["cancelled"])

    async def echo_list(self, items):
        await host.nothing()
        return items

    async def pass_many(self):
        return await host.many(1, 2, 3, 4, 0.5, 0.25, "seven", ["eight", "nine"])

    async def nothing(self):
        await host.nothing()

    async def gathered(self, count):
        numbers = await asyncio.gather(*(host.quick(number) for number in range(count)))
        assert numbers == list(range(count))
        return sum(numbers)

    async def divide(self, a, b):
        await host.quick(1)
        if b == 0:
            raise Err(Failure_Text("division by zero"))
        if a == 1:
            raise Err(Failure_Code(7))
        if a == 2:
            raise Err(Failure_Other())
        return a // b

    async def checked(self, fail):
        if fail:
            raise Err("failed")

    async def raises(self):
        await host.quick(1)
        raise ValueError("out of a coroutine")

    async def wrong_result(self):
        return 300

    def not_a_coroutine(self, number):
        return number + 1

    async def counter(self):
        return most

    def live(self):
        gc.collect()
        return repr(live())

    def synchronous(self, number):
        return wit_world.plain(number) + 1

    def tries_to_await(self):
        try:
            return asyncio.run(host.slow_echo("x"))
        except RuntimeError as error:
            return str(error)

    async def passes_wrong(self):
        try:
            await host.quick("text")
        except TypeError as error:
            return str(error)
