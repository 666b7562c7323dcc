"""Every scalar, and lists of them: host -> guest -> host -> guest -> host."""

from typing import List

import wit_world
from wit_world.imports import host, list_host


class WitWorld(wit_world.WitWorld):
    def echo_u8(self, v: int) -> int:
        assert type(v) is int
        return host.echo_u8(v)

    def echo_u16(self, v: int) -> int:
        assert type(v) is int
        return host.echo_u16(v)

    def echo_u32(self, v: int) -> int:
        assert type(v) is int
        return host.echo_u32(v)

    def echo_u64(self, v: int) -> int:
        assert type(v) is int
        return host.echo_u64(v)

    def echo_s8(self, v: int) -> int:
        assert type(v) is int
        return host.echo_s8(v)

    def echo_s16(self, v: int) -> int:
        assert type(v) is int
        return host.echo_s16(v)

    def echo_s32(self, v: int) -> int:
        assert type(v) is int
        return host.echo_s32(v)

    def echo_s64(self, v: int) -> int:
        assert type(v) is int
        return host.echo_s64(v)

    def echo_bool(self, v: bool) -> bool:
        assert type(v) is bool
        return host.echo_bool(v)

    def echo_char(self, v: str) -> str:
        assert type(v) is str
        return host.echo_char(v)

    def echo_f32(self, v: float) -> float:
        assert type(v) is float
        return host.echo_f32(v)

    def echo_f64(self, v: float) -> float:
        assert type(v) is float
        return host.echo_f64(v)

    def echo_string(self, v: str) -> str:
        assert type(v) is str
        return host.echo_string(v)

    def echo_list_u8(self, v: bytes) -> bytes:
        assert type(v) is bytes
        return list_host.echo_u8(v)

    def echo_list_u16(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_u16(v)

    def echo_list_u32(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_u32(v)

    def echo_list_u64(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_u64(v)

    def echo_list_s8(self, v: bytes) -> bytes:
        assert type(v) is bytes
        return list_host.echo_s8(v)

    def echo_list_s16(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_s16(v)

    def echo_list_s32(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_s32(v)

    def echo_list_s64(self, v: List[int]) -> List[int]:
        assert type(v) is list
        return list_host.echo_s64(v)

    def echo_list_bool(self, v: List[bool]) -> List[bool]:
        assert type(v) is list
        return list_host.echo_bool(v)

    def echo_list_char(self, v: List[str]) -> List[str]:
        assert type(v) is list
        return list_host.echo_char(v)

    def echo_list_f32(self, v: List[float]) -> List[float]:
        assert type(v) is list
        return list_host.echo_f32(v)

    def echo_list_f64(self, v: List[float]) -> List[float]:
        assert type(v) is list
        return list_host.echo_f64(v)

    def echo_list_string(self, v: List[str]) -> List[str]:
        assert type(v) is list
        return list_host.echo_string(v)
