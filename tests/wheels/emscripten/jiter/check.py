"""jiter (Rust), whose panics are legacy exceptions."""

import jiter


def test_values():
    assert jiter.from_json(b'{"a": [1, 2.5, null, "x"]}') == {"a": [1, 2.5, None, "x"]}


def test_large_numbers():
    assert jiter.from_json(b"123456789012345678901234567890") == 123456789012345678901234567890


def test_errors():
    try:
        jiter.from_json(b'{"a": ')
    except ValueError as error:
        assert "EOF" in str(error), error
    else:
        raise AssertionError("the text is not complete")
