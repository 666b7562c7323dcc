from typing import Callable, Optional

import componentize_py_async_support
import wit_world
from componentize_py_async_support.futures import FutureReader, FutureWriter
from componentize_py_types import Err, Ok, Result
from wit_world.imports import types


async def promise(writer: FutureWriter[str]) -> bool:
    with writer:
        return await writer.write("value")


async def use(job: types.Job) -> int:
    outcome: Result[int, str] = await job.result().read()
    match outcome:
        case Ok(value):
            return value
        case Err(text):
            return len(text)


async def all_kinds() -> Optional[str]:
    writer, reader = wit_world.unit_future(lambda: None)
    later = types.start(reader)
    await writer.write(None)
    if later.value is None:
        return None
    total = sum([await part.read() for part in later.parts])
    string_writer, string_reader = wit_world.string_future(default=lambda: "dropped")
    componentize_py_async_support.spawn(promise(string_writer))
    with string_reader:
        return await later.value.read() * total


default: Callable[[], Result[int, str]] = lambda: Err("no result")


class WitWorld(wit_world.WitWorld):
    def run(self) -> FutureReader[Optional[wit_world.Here]]:
        _, reader = wit_world.option_here_future(lambda: None)
        wit_world.result_u32_string_future(default)
        return reader
