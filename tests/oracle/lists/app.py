"""Lists."""

from typing import Optional

import wit_world
from wit_world.imports import host


class WitWorld(wit_world.WitWorld):
    def echo_bytes(self, v: bytes) -> bytes:
        return v

    def echo_numbers(self, v: list[float]) -> list[float]:
        return host.echo_numbers(v)

    def echo_nested(self, v: list[list[str]]) -> list[list[str]]:
        return host.echo_nested(v)

    def echo_pairs(self, v: list[tuple[str, Optional[int]]]) -> list[tuple[str, Optional[int]]]:
        return v

    def echo_bools(self, v: list[bool]) -> list[bool]:
        return v

    def describe(self, a: bytes, b: list[int], c: list[tuple[int, str]]) -> str:
        return repr((a, b, c))

    def as_bytes(self, source: str) -> bytes:
        return eval(source)

    def as_strings(self, source: str) -> list[str]:
        return eval(source)
