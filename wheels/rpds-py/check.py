"""Persistent maps, sets and lists in Rust, and jsonschema, which is built on them."""

import jsonschema
import rpds
from rpds import HashTrieMap, HashTrieSet, List, Queue

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[a-z]+$"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}}},
    "required": ["name"],
    "$defs": {"part": {"enum": [1, 2, 3]}},
}


def test_the_extension_is_native():
    assert rpds.rpds.__file__.endswith(".so")


def test_maps_share_and_stay():
    empty = HashTrieMap()
    full = empty
    for number in range(1000):
        full = full.insert(f"key {number}", number)
    assert len(empty) == 0 and len(full) == 1000
    assert full["key 999"] == 999 and full.get("none", "default") == "default"
    assert full.remove("key 0") == full.discard("key 0") and len(full) == 1000
    assert HashTrieMap({"a": 1}) == HashTrieMap(a=1) and hash(HashTrieMap(a=1)) == hash(HashTrieMap({"a": 1}))


def test_keys_are_python_objects():
    class Odd:
        def __hash__(self):
            raise ZeroDivisionError

    try:
        HashTrieMap().insert(Odd(), 1)
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("hashed")
    try:
        HashTrieMap()["absent"]
    except KeyError as error:
        assert error.args == ("absent",)
    else:
        raise AssertionError("found")


def test_sets_lists_and_queues():
    one, other = HashTrieSet([1, 2, 3]), HashTrieSet([2, 3, 4])
    assert one & other == {2, 3} and one | other == {1, 2, 3, 4} and one ^ other == {1, 4}
    numbers = List([1, 2, 3])
    assert list(numbers.push_front(0)) == [0, 1, 2, 3] and numbers.first == 1 and list(reversed(numbers)) == [3, 2, 1]
    assert list(Queue([1, 2]).enqueue(3).dequeue()) == [2, 3]


def test_jsonschema_validates():
    jsonschema.validate({"name": "ab", "parts": [1, 3]}, SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    errors = sorted(error.json_path for error in validator.iter_errors({"name": "A", "parts": [1, 9]}))
    assert errors == ["$.name", "$.parts[1]"]
