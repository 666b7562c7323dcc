from array import array
from typing import List, Optional, Tuple

import wit_world
from wit_world import exports
from wit_world.exports import service
from wit_world.imports import maths
from wit_world.imports.maths import Filter, Sample


class Series(service.Series):
    def values(self) -> List[int]:
        return [1]


class Service(exports.Service):
    """As it was written before buffers would do."""

    def run(self, values: List[int]) -> List[int]:
        return values

    def may_run(self, values: List[int]) -> Optional[List[int]]:
        return values or None

    async def both(self, of: service.Series) -> Tuple[bytes, List[float]]:
        # The application calls its own resources, too: their results stay lists.
        return bytes(of.values()), [float(value) for value in of.values()]

    def rows(self) -> List[List[float]]:
        return [[maths.mean([1.0], None)]]

    def headers(self) -> List[bytes]:
        return [maths.digest(b"data")]

    def sampled(self) -> Sample:
        return Sample("", [1.0])


class Buffers(exports.Service):
    def run(self, values: List[int]) -> memoryview:
        return memoryview(array("i", values))[::2]

    def may_run(self, values: List[int]) -> Optional["array[int]"]:
        return array("i", values) if values else None

    async def both(self, of: service.Series) -> Tuple[bytearray, "memoryview[float]"]:
        return bytearray(3), memoryview(b"12345678").cast("d")

    def rows(self) -> "memoryview[float]":
        return memoryview(bytes(16)).cast("d", (2, 1))

    def headers(self) -> List[bytes]:
        return []

    def sampled(self) -> Sample:
        return Sample("", list(array("d", [1.0])))


def call(numbers: List[float], data: bytes, view: memoryview) -> bytes:
    maths.mean(numbers, None)
    maths.mean(array("d", numbers), array("f", numbers))
    maths.mean(view, view)
    maths.crop([b"rgb", b"rgb"], ([1, 2], "corner"))
    maths.crop([b"rgb", b"rgb"], (array("H", [1, 2]), "corner"))
    maths.solve([numbers, numbers])
    maths.solve(view)
    maths.names(["a"], [data], [True])
    maths.names(["a"], [data], view.cast("?"))
    maths.digest(bytearray(data))
    total: List[float] = Filter(array("f", numbers)).apply(view)
    return maths.digest(view) if total else maths.digest(data)


async def stream(numbers: "array[float]", view: memoryview) -> int:
    data_writer, data = wit_world.byte_stream()
    numbers_writer, floats = wit_world.f64_stream()
    counts_writer, counts = wit_world.u32_stream()
    names_writer, names = wit_world.string_stream()
    maths.send(data, floats, counts, names)
    written = await data_writer.write_all(bytearray(3)) + await data_writer.write(view)
    written += await numbers_writer.write(numbers) + await numbers_writer.write([1.0])
    written += await counts_writer.write_all(array("I", [1])) + await counts_writer.write_all([1])
    return written + await names_writer.write_all(["a"])
