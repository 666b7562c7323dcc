"""Scalars in both directions."""

import wit_world
from wit_world.imports import host


class WitWorld(wit_world.WitWorld):
    def echo_u8(self, v: int) -> int:
        return host.echo_u8(v)

    def echo_s8(self, v: int) -> int:
        return v

    def echo_u64(self, v: int) -> int:
        return v

    def echo_s64(self, v: int) -> int:
        return host.echo_s64(v)

    def echo_f32(self, v: float) -> float:
        return host.echo_f32(v)

    def echo_f64(self, v: float) -> float:
        return v

    def echo_bool(self, v: bool) -> bool:
        return v

    def echo_char(self, v: str) -> str:
        return host.echo_char(v)

    def echo_string(self, v: str) -> str:
        return v

    def types(self, a: int, b: float, c: bool, d: str, e: str) -> str:
        return repr((a, b, c, d, e))

    def notes(self) -> None:
        host.nothing()
        host.note(1, True, 0.5)

    def returns(self, source: str) -> int:
        return eval(source)
