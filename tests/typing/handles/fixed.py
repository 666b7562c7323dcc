import asyncio

import componentize_py_async_support
import wit_world
from componentize_py_async_support.streams import ByteStreamWriter, StreamReader
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import counters
from wit_world.imports import files
from wit_world.imports.files import File, Row


class Counter(counters.Counter):
    def __init__(self, start: int) -> None:
        self.count = start

    def next(self) -> int:
        self.count += 1
        return self.count


async def fill(writer: ByteStreamWriter, path: str) -> None:
    with writer, File(path) as file:
        await writer.write_all(file.read(files.size(file)))


async def upload(path: str) -> Row:
    writer, reader = wit_world.byte_stream()
    done_writer, done_reader = wit_world.files_row_future(lambda: Row(0))
    componentize_py_async_support.spawn(fill(writer, path))
    with done_writer:
        row, taken = await asyncio.gather(
            files.upload(reader, done_reader), done_writer.write(Row(1))
        )
    return row if taken else Row(id=2)


async def first(path: str) -> Row | None:
    with File.merge(File(path), File("other")) as merged, merged.lines() as lines:
        rows = await lines.read(1)
    return rows[0] if rows else None


class Counters(exports.Counters):
    async def sum(self, counters: list[counters.Counter], rows: StreamReader[int]) -> int:
        total = sum(counter.next() for counter in counters)
        while not rows.writer_dropped:
            total += sum(await rows.read(64))
        try:
            return total + (await upload("x")).id
        except Err as error:
            raise Err(f"upload: {error.value}") from None
