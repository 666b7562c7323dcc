"""JSON of all kinds, and the types that only orjson writes."""

import dataclasses
import datetime
import enum
import json
import math
import uuid

import orjson


@dataclasses.dataclass
class Point:
    x: int
    y: float
    _hidden: str = "not written"


class Colour(enum.Enum):
    RED = "red"


def test_the_extension_is_native():
    assert orjson.orjson.__file__.endswith(".so")


def test_round_trip():
    value = {
        "none": None,
        "flags": [True, False],
        "numbers": [0, -1, 2**53, 2**63, 2**64 - 1, -(2**63), 0.1, 1e300, -5e-324],
        "text": 'ä→🙂 "quoted" \\ \n\t\x00' * 100,
        "nested": [[{"a": [{}]}]] * 50,
    }
    assert orjson.loads(orjson.dumps(value)) == value == json.loads(orjson.dumps(value))
    assert orjson.loads(json.dumps(value)) == value


def test_types_of_the_standard_library():
    moment = datetime.datetime(2026, 11, 28, 12, 30, 1, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    number = uuid.UUID("12345678-1234-5678-1234-567812345678")
    written = orjson.dumps([moment, datetime.date(2026, 1, 2), number, Point(1, 2.5), Colour.RED])
    assert written == (
        b'["2026-11-28T12:30:01.000005+02:00","2026-01-02","12345678-1234-5678-1234-567812345678",{"x":1,"y":2.5},"red"]'
    )


def test_options():
    value = {"b": 1, "a": {"d": math.nan, 3: "x"}}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    assert orjson.dumps(value, option=options) == b'{\n  "a": {\n    "3": "x",\n    "d": null\n  },\n  "b": 1\n}\n'
    assert orjson.dumps({"a": {1, 2}}, default=sorted) == b'{"a":[1,2]}'
    assert orjson.dumps({"a": orjson.Fragment(b"[1]")}) == b'{"a":[1]}'


def test_floats_agree_with_python():
    for number in (0.1 + 0.2, 1 / 3, 1e16, 123456789.125, 2.2250738585072014e-308):
        assert float(orjson.dumps(number)) == number == orjson.loads(repr(number))


def test_errors():
    for text in (b"", b"[1,]", b'{"a":1', b'"\xff"', b"NaN", b"[" * 2000):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError as error:
            assert isinstance(error, json.JSONDecodeError)
        else:
            raise AssertionError(text)
    for value in ({1, 2}, object(), 2**64, "\ud800", {1: 2}):
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError:
            pass
        else:
            raise AssertionError(value)
