import asyncio
from typing import Optional

import componentize_py_async_support
import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import api as exported
from wit_world.imports import api


async def several(keys: list[str]) -> list[Optional[str]]:
    return await asyncio.gather(*[wit_world.lookup(key) for key in keys])


async def imported() -> bytes:
    await api.tick()
    thing = await api.Thing.open("a")
    with api.Thing("b") as other:
        text: str = await other.wait(other.peek())
        back: Optional[api.Thing] = await api.hand_over(thing, other)
    assert back is not None and text
    try:
        await api.check()
    except Err as error:
        assert error.value is None
    return await api.fetch("url", None)


class WitWorld(wit_world.WitWorld):
    async def run(self, arguments: list[str]) -> None:
        found = await several(arguments)
        if None in found:
            raise Err("missing")
        componentize_py_async_support.spawn(wit_world.sleep(1))
        async with asyncio.TaskGroup() as group:
            group.create_task(imported())

    def stop(self) -> None:
        pass


class Thing(exported.Thing):
    def __init__(self, name: str) -> None:
        self.name = name

    async def wait(self, turns: int) -> str:
        if turns == 0:
            raise Err(api.Failure(1))
        return self.name

    def peek(self) -> int:
        return len(self.name)

    @classmethod
    async def open(cls, name: str) -> "Thing":
        return cls(name)


class Api(exports.Api):
    async def tick(self) -> None:
        await wit_world.sleep(1)

    async def fetch(self, url: str, tries: Optional[int]) -> bytes:
        if tries == 0:
            raise Err(api.Failure(2))
        return url.encode()

    async def check(self) -> None:
        raise Err(None)

    def count(self) -> int:
        return 1

    async def hand_over(
        self, thing: exported.Thing, other: exported.Thing
    ) -> Optional[exported.Thing]:
        return thing if other.peek() else None
