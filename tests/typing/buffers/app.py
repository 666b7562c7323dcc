from array import array
from typing import List, Optional, Tuple

import wit_world
from wit_world import exports
from wit_world.exports import service
from wit_world.imports import maths
from wit_world.imports.maths import Filter, Sample


class Series(service.Series):
    def values(self) -> "array[int]":
        return array("i", [1])


class Service(exports.Service):
    def run(self, values: "array[int]") -> List[int]:
        return list(values)

    def may_run(self, values: List[int]) -> Optional[str]:
        return "" if values else None

    async def both(self, of: service.Series) -> Tuple[str, List[float]]:
        return "", []

    def rows(self) -> List["array[float]"]:
        return []

    def headers(self) -> memoryview:
        return memoryview(b"")

    def sampled(self) -> Sample:
        return Sample("", array("d", [1.0]))


def call(numbers: List[float], data: bytes, view: memoryview) -> "array[int]":
    maths.mean("text", None)
    maths.mean(numbers, "text")
    maths.mean(5.0, None)
    maths.crop(data, ("text", "corner"))
    maths.names(view, [data], [True])
    maths.names(["a"], data, [True])
    maths.names(["a"], [data], "text")
    maths.digest("text")
    Filter("text").apply("text")
    return maths.digest(data)


async def stream() -> None:
    data_writer, data = wit_world.byte_stream()
    numbers_writer, floats = wit_world.f64_stream()
    counts_writer, counts = wit_world.u32_stream()
    names_writer, names = wit_world.string_stream()
    maths.send(data, floats, counts, names)
    await data_writer.write_all("text")
    await numbers_writer.write("text")
    await counts_writer.write_all(["text"])
    await names_writer.write_all(array("I", [1]))
    await names_writer.write(b"text")
