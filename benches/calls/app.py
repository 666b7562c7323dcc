"""The application of `cargo xtask bench calls`; built by this tool and by componentize-py 0.25.1."""

import wit_world
from wit_world import Row
from wit_world.imports import host


class WitWorld(wit_world.WitWorld):
    def identity(self, number: int) -> int:
        return number

    def echo_numbers(self, numbers: list[float]) -> list[float]:
        return numbers

    def echo_rows(self, rows: list[Row]) -> list[Row]:
        return rows

    def call_imports(self, count: int) -> int:
        number = 0
        for _ in range(count):
            number = host.next(number)
        return number
