"""Packing and unpacking by the extension."""

import datetime

import msgpack
from msgpack import _cmsgpack


def test_the_extension_is_what_packs():
    assert msgpack.Packer is _cmsgpack.Packer and msgpack.Unpacker is _cmsgpack.Unpacker


def test_round_trip():
    value = {
        "none": None,
        "numbers": [0, -1, 127, 128, 2**31, 2**32, 2**63, -(2**63), 0.5],
        "text": "ä→🙂" * 1000,
        "bytes": bytes(range(256)) * 300,
        "nested": [[{"a": [True, False]}]],
    }
    assert msgpack.unpackb(msgpack.packb(value)) == value
    assert msgpack.packb([1, "a"]) == b"\x92\x01\xa1a"


def test_timestamps_and_extensions():
    moment = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc)
    assert msgpack.unpackb(msgpack.packb(moment, datetime=True), timestamp=3) == moment
    packed = msgpack.packb(1j, default=lambda value: msgpack.ExtType(7, repr(value).encode()))
    assert msgpack.unpackb(packed) == msgpack.ExtType(7, b"1j")


def test_streams():
    unpacker = msgpack.Unpacker()
    for byte in b"".join(msgpack.packb(i) for i in range(1000)):
        unpacker.feed(bytes([byte]))
    assert list(unpacker) == list(range(1000))


def test_errors():
    for data, error in [(b"\x92\x01", ValueError), (b"\xc1", msgpack.FormatError), (b"\x01\x02", msgpack.ExtraData)]:
        try:
            msgpack.unpackb(data)
        except error:
            continue
        raise AssertionError(data)
