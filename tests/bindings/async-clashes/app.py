from typing import Callable

import componentize_py_async_support
import wit_world
from componentize_py_async_support.futures import FutureReader, FutureWriter
from componentize_py_async_support.streams import (
    ByteStreamReader,
    ByteStreamWriter,
    StreamReader,
    StreamWriter,
)
from wit_world.imports import a, a_b, types


def user_names_win() -> None:
    ours: StreamReader[None] = wit_world.unit_stream()[1]
    byte_ends: tuple[ByteStreamWriter, ByteStreamReader] = wit_world.byte_stream_()
    bool_ends: tuple[StreamWriter[bool], StreamReader[bool]] = wit_world.bool_stream_()
    theirs: ByteStreamReader = wit_world.byte_stream()
    make: Callable[[], FutureReader[None]] = lambda: wit_world.unit_future(lambda: None)[1]
    assert len({byte_ends, bool_ends}) == 2 and ours and theirs and make()


def rows() -> None:
    first: StreamWriter[a_b.C] = wit_world.a_b_c_stream()[0]
    second: StreamWriter[a.BC] = wit_world.a_b_c_stream_()[0]
    assert first and second


async def use(dict: types.Dict) -> StreamReader[types.ByteStream]:
    stream = types.ByteStream(types.StreamReader(wit_world.u16_stream()[1]))
    return await stream.stream(dict.a)


class WitWorld(wit_world.WitWorld):
    async def string_future(
        self, streams: StreamReader[int], futures: FutureReader[None]
    ) -> None:
        componentize_py_async_support.spawn(wit_world.bool_stream(self.later()))

    def later(self) -> FutureReader[str]:
        ends: tuple[FutureWriter[str], FutureReader[str]] = wit_world.string_future(str)
        return ends[1]

    def u64_stream(self) -> None:
        pass
