import asyncio

import componentize_py_runtime
import wit_world
from componentize_py_error_context import ErrorContext
from componentize_py_types import Err
from wit_world.imports import diagnosis


class WitWorld(wit_world.WitWorld):
    async def raised(self):
        found = []
        for late in (False, True):
            try:
                await diagnosis.fail("no route", late)
            except Err as error:
                found.append(error.value.debug_message())
        return found

    async def together(self):
        e = ErrorContext("shared")
        return await asyncio.gather(*(diagnosis.explain(e, late) for late in (True, False, True)))

    async def cancelled(self):
        e = ErrorContext("kept")
        task = asyncio.create_task(diagnosis.explain(e, True))
        await asyncio.sleep(0)
        task.cancel()
        try:
            return [await task]
        except asyncio.CancelledError:
            return ["cancelled", e.debug_message()]

    async def make(self, message):
        return ErrorContext(message)

    def handles(self):
        return [componentize_py_runtime.live()["handles"], diagnosis.handles()]
