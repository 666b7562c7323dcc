"""msgspec (C), which takes 128-bit arithmetic from the compiler's library."""

import msgspec


class User(msgspec.Struct):
    name: str
    age: int = 0


def test_json():
    user = msgspec.json.decode(b'{"name": "a", "age": 3}', type=User)
    assert user == User("a", 3)
    assert msgspec.json.encode(user) == b'{"name":"a","age":3}'


def test_floats():
    for text in ["1.2345678901234567e-300", "123456789012345678901234567890.5", "5e-324", "0.1"]:
        assert msgspec.json.decode(text.encode()) == float(text), text


def test_invalid_values():
    try:
        msgspec.json.decode(b'{"name": 1}', type=User)
    except msgspec.ValidationError as error:
        assert "$.name" in str(error)
    else:
        raise AssertionError("a name is text")
