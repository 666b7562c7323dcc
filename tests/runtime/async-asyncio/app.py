import asyncio
import contextlib
import time

import wit_world
from componentize_py_async_support import spawn
from wit_world.imports import host

queue: asyncio.Queue[str] = asyncio.Queue()
log: list[str] = []


async def note(text: str, seconds: float) -> str:
    await asyncio.sleep(seconds)
    log.append(text)
    return text


class WitWorld(wit_world.WitWorld):
    async def sleeps(self):
        start = time.monotonic()
        result = await asyncio.sleep(0.05, "slept")
        took = time.monotonic() - start
        return result if 0.04 < took < 5 else f"slept {took} s"

    async def waits(self):
        try:
            await asyncio.wait_for(asyncio.sleep(30), 0.02)
        except asyncio.TimeoutError:
            pass
        else:
            return "did not time out"
        return await asyncio.wait_for(host.slow_echo("in time"), 10)

    async def timeouts(self):
        try:
            async with asyncio.timeout(0.01):
                await host.slow_echo("late")
        except TimeoutError:
            return "timed out"

    async def groups(self):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(note(f"group {i}", 0.03 - i / 100)) for i in range(3)]
        return [task.result() for task in tasks]

    async def failing_group(self):
        async def fail():
            await asyncio.sleep(0)
            raise ValueError("one of them")

        cancelled = []

        async def other():
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                cancelled.append("cancelled")
                raise

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                group.create_task(other())
        except* ValueError as errors:
            raised = errors.exceptions
        return f"{raised!r} {cancelled}"

    async def tasks(self):
        task = asyncio.create_task(note("task", 0), name="mine")
        waiting = asyncio.create_task(asyncio.sleep(30))
        await asyncio.sleep(0)
        waiting.cancel("no longer")
        done, pending = await asyncio.wait([task, waiting])
        assert not pending and waiting.cancelled()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        gathered = await asyncio.gather(note("a", 0.01), asyncio.sleep(0, "b"), return_exceptions=True)
        return [task.get_name(), task.result(), *gathered, asyncio.current_task() is not None and "current"]

    async def queues(self):
        items: asyncio.Queue[int] = asyncio.Queue(maxsize=2)

        async def produce():
            for number in range(5):
                await items.put(number)

        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            return [await items.get() for _ in range(5)]

    async def locks(self):
        lock, event, semaphore = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(2)
        order = []

        async def enter(name):
            await event.wait()
            async with semaphore, lock:
                order.append(f"{name} in")
                await asyncio.sleep(0)
                order.append(f"{name} out")

        asyncio.get_running_loop().call_later(0.01, event.set)
        await asyncio.gather(enter("a"), enter("b"))
        return order

    async def timers(self):
        loop = asyncio.get_running_loop()
        order, end = [], loop.create_future()
        loop.call_later(0.03, end.set_result, None)
        loop.call_later(0.02, order.append, "second")
        loop.call_at(loop.time() + 0.01, order.append, "first")
        loop.call_later(0.015, order.append, "never").cancel()
        loop.call_soon(order.append, "soon")
        await end
        return order

    async def threads(self):
        return await asyncio.to_thread(str.upper, "at once")

    async def generators(self):
        closed = []

        async def numbers():
            try:
                for number in range(10):
                    await asyncio.sleep(0)
                    yield str(number)
            finally:
                await asyncio.sleep(0)
                closed.append("closed")

        items = []
        async for item in numbers():
            items.append(item)
            if item == "2":
                break
        await asyncio.sleep(0.01)
        return items + closed

    async def put(self, item):
        await queue.put(item)

    async def get(self):
        return await queue.get()

    async def spawns(self):
        log.clear()
        spawn(note("spawned", 0.03))
        log.append("returned")

    async def spawns_failing(self):
        async def fail():
            await asyncio.sleep(0)
            raise KeyError("in the background")

        spawn(fail())

    async def log(self):
        return log

    async def forgotten_task(self):
        asyncio.create_task(note("forgotten", 0.03))

    async def nested_run(self):
        coroutine = asyncio.sleep(0)
        try:
            asyncio.run(coroutine)
        except RuntimeError as error:
            coroutine.close()
            return str(error)

    def runs_by_itself(self):
        return asyncio.run(asyncio.wait_for(asyncio.sleep(0.01, "by itself"), 5))

    async def many_timers(self):
        await asyncio.gather(*(asyncio.wait_for(asyncio.sleep(0), 60) for _ in range(1000)))
        return 1000
