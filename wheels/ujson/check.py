"""JSON as ujson reads and writes it."""

import json
import math

import ujson


def test_the_extension_is_native():
    assert ujson.__file__.endswith(".so")


def test_round_trip():
    value = {
        "none": None,
        "flags": [True, False],
        "numbers": [0, -1, 2**53, 2**63, 2**64 - 1, -(2**63), 10**40, 0.1, 1e300, 1 / 3],
        "text": 'ä→🙂 "quoted" \\ \n\t\x00' * 100,
        "nested": [[{"a": [{}]}]] * 50,
    }
    assert ujson.loads(ujson.dumps(value)) == value == json.loads(ujson.dumps(value))
    assert ujson.loads(json.dumps(value)) == value


def test_options():
    assert ujson.dumps({"b": "</a>", "a": 1}, sort_keys=True, encode_html_chars=True) == '{"a":1,"b":"\\u003c\\/a\\u003e"}'
    assert ujson.dumps("ü/", ensure_ascii=False, escape_forward_slashes=False) == '"ü/"'
    assert ujson.dumps([1, {"a": 2}], indent=2) == '[\n  1,\n  {\n    "a": 2\n  }\n]'
    assert ujson.dumps({1, 2}, default=sorted) == "[1,2]"


def test_own_types():
    class Money:
        def __json__(self):
            return '{"euros":5}'

    assert ujson.loads(ujson.dumps([Money()])) == [{"euros": 5}]


def test_errors():
    for text in ("", "[1,", '{"a":1', '{"a"}', "[" * 2000):
        try:
            ujson.loads(text)
        except ujson.JSONDecodeError:
            pass
        else:
            raise AssertionError(text)
    for arguments, options in (((math.nan,), {"allow_nan": False}), ((object(),), {})):
        try:
            ujson.dumps(*arguments, **options)
        except (OverflowError, TypeError, ValueError):
            pass
        else:
            raise AssertionError(arguments)
