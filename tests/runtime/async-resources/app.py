import asyncio
import gc

import wit_world
from componentize_py_async_support import spawn
from componentize_py_runtime import live
from jobs import Job
from wit_world.imports import things

kept = []


class Jobs:
    async def finish(self, job):
        return f"{job.name} finished"

    async def peek(self, job):
        await asyncio.sleep(0)
        return job.name


class WitWorld(wit_world.WitWorld):
    async def uses(self):
        with things.Thing("one") as thing:
            names = [await thing.slow_name(), await things.look(thing)]
        made = await things.Thing.make("two")
        await things.keep(made)
        try:
            await things.look(made)
        except ValueError as error:
            names.append(str(error))
        return names

    async def lent(self, thing):
        return await thing.slow_name()

    async def keeps_borrow(self, thing):
        kept.append(thing)
        return await things.look(thing)

    async def late_use(self):
        try:
            return await things.look(kept.pop())
        except ValueError as error:
            return str(error)

    async def gives_lent(self):
        found = []
        thing = things.Thing("busy")
        running = asyncio.create_task(thing.slow_name())
        await asyncio.sleep(0)
        for attempt in (lambda: things.keep(thing), lambda: thing.__exit__(None, None, None)):
            try:
                result = attempt()
                if result is not None:
                    await result
                found.append("nothing raised")
            except ValueError as error:
                found.append(str(error))
        await running
        await things.keep(thing)
        return found

    async def fails_inside(self):
        found = []
        with things.Thing("b") as thing:
            found.append(await things.slow_fail(thing, "fine"))
        try:
            with things.Thing("c") as thing:
                await things.slow_fail(thing, 5)
        except TypeError as error:
            found.append(str(error))
        return found

    async def lends_on(self, thing):
        spawn(things.never_look(thing))
        await asyncio.sleep(0)

    def live(self):
        gc.collect()
        return repr(live())
