"""msgpack (Cython)."""

import msgpack
from msgpack import _cmsgpack


def test_native_code():
    assert msgpack.Packer is _cmsgpack.Packer


def test_there_and_back():
    value = {"a": [1, 2.5, None, b"x", 1 << 40, -(1 << 33)]}
    assert msgpack.unpackb(msgpack.packb(value)) == value
