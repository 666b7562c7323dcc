"""CBOR: examples of RFC 8949, tags, shared values, hooks and errors, by the extension in Rust."""

# cbor2 imports these two by their names, in Rust.
import email.mime.text  # noqa: F401
import io
import ipaddress  # noqa: F401
from datetime import datetime, timezone
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import cbor2


def test_examples_of_the_standard():
    for value, data in (
        (0, "00"),
        (1_000_000, "1a000f4240"),
        (-18446744073709551617, "c349010000000000000000"),
        (1.1, "fb3ff199999999999a"),
        ("ü", "62c3bc"),
        (b"\x01\x02", "420102"),
        ([1, [2, 3]], "8201820203"),
        ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
        (None, "f6"),
        (True, "f5"),
        (cbor2.undefined, "f7"),
        (cbor2.CBORSimpleValue(255), "f8ff"),
    ):
        assert cbor2.dumps(value).hex() == data and cbor2.loads(bytes.fromhex(data)) == value, value
    assert cbor2.loads(bytes.fromhex("f97bff")) == 65504.0 and cbor2.loads(bytes.fromhex("9f0102ff")) == [1, 2]


def test_tags():
    values = [datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), Decimal("1.25"), Fraction(1, 3), UUID(int=7), {1, 2}, 2**100]
    assert cbor2.loads(cbor2.dumps(values)) == values
    assert cbor2.loads(cbor2.dumps(cbor2.CBORTag(4000, "x"))) == cbor2.CBORTag(4000, "x")


def test_canonical():
    assert cbor2.dumps({"bb": 1, "a": 2}, canonical=True).hex() == "a2616102626262" + "01"


def test_shared_values():
    loop = [1]
    loop.append(loop)
    copy = cbor2.loads(cbor2.dumps(loop, value_sharing=True))
    assert copy[0] == 1 and copy[1] is copy


def test_files():
    file = io.BytesIO()
    for value in range(3):
        cbor2.dump({"n": value}, file)
    file.seek(0)
    assert [cbor2.load(file)["n"] for _ in range(3)] == [0, 1, 2]


def test_hooks():
    class Point:
        x = 3

    data = cbor2.dumps(Point(), default=lambda encoder, value: encoder.encode({"x": value.x}))
    assert cbor2.loads(data) == {"x": 3}


def test_errors():
    for function, kind in (
        (lambda: cbor2.loads(b"\x82\x01"), cbor2.CBORDecodeEOF),
        (lambda: cbor2.loads(b"\x1c"), cbor2.CBORDecodeError),
        (lambda: cbor2.loads(b"\x61\xff"), cbor2.CBORDecodeError),
        (lambda: cbor2.dumps(object()), cbor2.CBOREncodeError),
    ):
        try:
            function()
        except kind as error:
            assert str(error)
        else:
            raise AssertionError(kind)
