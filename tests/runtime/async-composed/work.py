import asyncio

from componentize_py_types import Err


class Item:
    def __init__(self, number):
        self._number = number

    async def slow(self, fail):
        await asyncio.sleep(0.03)
        if fail:
            raise Err("slow and failed")
        return "slow"

    def number(self):
        return self._number
