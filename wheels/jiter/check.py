"""The uses of jiter in `anthropic`, `openai` and pydantic: whole documents, and those that are still arriving."""

import decimal
import json
import math

import jiter
from jiter import LosslessFloat, from_json


def test_all_kinds_of_values():
    text = '{"a": [1, -2.5, 1e3, true, false, null], "b": {"ü": "käse \\u00fc \\ud83d\\ude00"}, "c": "", "d": 123456789012345678901234567890}'
    assert from_json(text.encode()) == json.loads(text)
    assert list(from_json(text.encode())) == ["a", "b", "c", "d"]


def test_long_documents():
    document = [{"index": i, "name": f"item {i}", "share": i / 7, "tags": ["x", "y"] * (i % 5)} for i in range(2000)]
    assert from_json(json.dumps(document).encode()) == document


def test_partial_documents():
    text = b'{"name": "get_weather", "input": {"city": "San Fran'
    assert from_json(text, partial_mode=True) == {"name": "get_weather", "input": {}}
    assert from_json(text, partial_mode="trailing-strings") == {"name": "get_weather", "input": {"city": "San Fran"}}
    whole = b'{"a": [1, {"b": "text"}], "c": null}'
    for length in range(1, len(whole)):
        assert isinstance(from_json(whole[:length], partial_mode=True), dict)


def test_errors_have_their_places():
    for text, message in (
        (b'{"a": ', "EOF while parsing a value at line 1 column 6"),
        (b'["a",\n 1, x]', "expected value at line 2 column 5"),
        (b'"\xff"', "invalid unicode code point at line 1 column 2"),
    ):
        try:
            from_json(text)
        except ValueError as error:
            assert str(error) == message, str(error)
        else:
            raise AssertionError(text)


def test_deep_nesting_is_an_error():
    try:
        from_json(b"[" * 100_000)
    except ValueError as error:
        assert "recursion limit exceeded" in str(error)
    else:
        raise AssertionError("accepted")


def test_numbers():
    assert math.isnan(from_json(b"NaN")) and from_json(b"-Infinity") == -math.inf
    assert from_json(b"1.10", float_mode="decimal") == decimal.Decimal("1.10")
    lossless = from_json(b"123456789.123456789123456789", float_mode="lossless-float")
    assert isinstance(lossless, LosslessFloat)
    assert str(lossless) == "123456789.123456789123456789"
    assert lossless.as_decimal() == decimal.Decimal("123456789.123456789123456789")
    try:
        from_json(b"[NaN]", allow_inf_nan=False)
    except ValueError:
        pass
    else:
        raise AssertionError("accepted")


def test_duplicate_keys_and_the_cache():
    try:
        from_json(b'{"a": 1, "a": 2}', catch_duplicate_keys=True)
    except ValueError as error:
        assert "Detected duplicate key" in str(error)
    else:
        raise AssertionError("accepted")
    jiter.cache_clear()
    assert jiter.cache_usage() == 0
    from_json(b'["a string to keep"]', cache_mode="all")
    assert jiter.cache_usage() > 0
