import componentize_py_async_support
import wit_world
from componentize_py_async_support.streams import (
    ByteStreamReader,
    ByteStreamWriter,
    StreamReader,
    StreamWriter,
)
from componentize_py_types import Ok, Result
from wit_world import exports
from wit_world.exports import mine
from wit_world.exports import types as exported
from wit_world.imports import types


async def produce(writer: StreamWriter[types.Row]) -> None:
    with writer:
        sent: int = await writer.write_all([types.Row(1, "a")])
        if writer.reader_dropped:
            assert sent <= 1


async def consume(reader: StreamReader[types.Row]) -> list[types.Row]:
    rows: list[types.Row] = []
    with reader:
        while not reader.writer_dropped:
            rows += await reader.read(16)
    return rows


async def copy(reader: ByteStreamReader, writer: ByteStreamWriter) -> None:
    with reader, writer:
        while not reader.writer_dropped:
            count: int = await writer.write(await reader.read(1024))
            assert count >= 0


async def all_kinds() -> types.Held:
    writer, reader = wit_world.types_row_stream()
    componentize_py_async_support.spawn(produce(writer))
    held = types.classes(
        reader,
        wit_world.types_shape_stream()[1],
        wit_world.types_color_stream()[1],
        wit_world.types_marks_stream()[1],
        wit_world.types_thing_stream()[1],
    )
    await consume(held.rows)
    results: StreamWriter[Result[int, str]] = wit_world.result_u32_string_stream()[0]
    await results.write([Ok(1)])
    mapped: StreamWriter[dict[str, bytes]] = wit_world.map_string_list3_u8_stream()[0]
    await mapped.write([{"a": b"123"}])
    small: ByteStreamWriter = wit_world.s8_stream()[0]
    await small.write(b"abc")
    nested: StreamWriter[ByteStreamReader] = wit_world.stream_u8_stream()[0]
    await nested.write([wit_world.byte_stream()[1]])
    return held


class WitWorld(wit_world.WitWorld):
    async def receive(
        self, bytes: ByteStreamReader, here: StreamReader[wit_world.Here]
    ) -> ByteStreamReader:
        await wit_world.send(bytes)
        wit_world.look(here, wit_world.there_stream()[1])
        return wit_world.byte_stream()[1]


class Mine(exports.Mine):
    async def take(self, rows: StreamReader[mine.Row]) -> StreamReader[list[mine.Row]]:
        writer, reader = wit_world.list_mine_row_stream()
        await writer.write([await rows.read(1)])
        return reader


def things() -> StreamReader[exported.Thing]:
    return wit_world.exports_types_thing_stream()[1]
