import asyncio


class Job:
    def __init__(self, name):
        self.name = name

    async def run(self, times):
        for _ in range(times):
            await asyncio.sleep(0)
        return f"{self.name} ran {times} times"

    @classmethod
    async def create(cls, name):
        await asyncio.sleep(0)
        return cls(name)
