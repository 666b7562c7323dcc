import asyncio

import componentize_py_runtime
from componentize_py_error_context import ErrorContext
from componentize_py_types import Err


class Diagnosis:
    async def fail(self, why, late):
        if late:
            await asyncio.sleep(0.01)
        raise Err(ErrorContext(why))

    async def explain(self, e, late):
        if late:
            await asyncio.sleep(0.01)
        return f"callee has: {e.debug_message()}"

    def handles(self):
        return componentize_py_runtime.live()["handles"]
