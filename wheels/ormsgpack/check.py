"""MessagePack: formats of the specification, kinds of Python, options and errors, by the extension in Rust."""

import dataclasses
import datetime
import enum
import uuid

import ormsgpack


def test_formats():
    for value, data in (
        (None, "c0"),
        (True, "c3"),
        (127, "7f"),
        (-33, "d0df"),
        (2**64 - 1, "cfffffffffffffffff"),
        (1.5, "cb3ff8000000000000"),
        ("ü", "a2c3bc"),
        (b"\x01", "c40101"),
        ([1, [2]], "92019102"),
        ({"a": {}}, "81a16180"),
    ):
        assert ormsgpack.packb(value).hex() == data and ormsgpack.unpackb(bytes.fromhex(data)) == value, value


def test_large():
    value = {f"key {number}": [number, str(number) * 9, number / 7] for number in range(5000)}
    assert ormsgpack.unpackb(ormsgpack.packb(value)) == value


def test_kinds():
    @dataclasses.dataclass
    class Point:
        x: int
        y: float = 0.5

    class Colour(enum.Enum):
        RED = "red"

    value = [Point(1), Colour.RED, uuid.UUID(int=7), datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)]
    assert ormsgpack.unpackb(ormsgpack.packb(value, option=ormsgpack.OPT_UTC_Z)) == [
        {"x": 1, "y": 0.5},
        "red",
        "00000000-0000-0000-0000-000000000007",
        "2026-01-02",
        "2026-01-02T00:00:00Z",
    ]


def test_options():
    assert ormsgpack.packb({"b": 1, "a": 2}, option=ormsgpack.OPT_SORT_KEYS).hex() == "82a16102a16201"
    keys = {1: "a", (2, 3): "b"}
    assert ormsgpack.unpackb(ormsgpack.packb(keys, option=ormsgpack.OPT_NON_STR_KEYS), option=ormsgpack.OPT_NON_STR_KEYS) == keys
    assert ormsgpack.packb({1j}, default=lambda value: [[one.real, one.imag] for one in value] if isinstance(value, set) else None).hex().startswith("9192cb")


def test_extensions():
    data = ormsgpack.packb([ormsgpack.Ext(5, b"xy")])
    assert data.hex() == "91d5057879" and ormsgpack.unpackb(data, ext_hook=lambda tag, body: (tag, bytes(body))) == [(5, b"xy")]


def test_errors():
    for function, kind in (
        (lambda: ormsgpack.packb(object()), ormsgpack.MsgpackEncodeError),
        (lambda: ormsgpack.packb("\ud800"), ormsgpack.MsgpackEncodeError),
        (lambda: ormsgpack.unpackb(b"\x92\x01"), ormsgpack.MsgpackDecodeError),
        (lambda: ormsgpack.unpackb(b"\xc1"), ormsgpack.MsgpackDecodeError),
        (lambda: ormsgpack.unpackb("text"), ormsgpack.MsgpackDecodeError),
    ):
        try:
            function()
        except kind as error:
            assert str(error)
        else:
            raise AssertionError(kind)
