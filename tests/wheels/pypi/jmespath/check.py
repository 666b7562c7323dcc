"""jmespath: queries over nested data."""

import jmespath

DATA = {"people": [{"name": "b", "age": 30}, {"name": "a", "age": 20}, {"name": "c", "age": 40}]}


def test_filter_and_functions():
    assert jmespath.search("people[?age > `25`].name | sort(@)", DATA) == ["b", "c"]
    assert jmespath.search("max_by(people, &age).{n: name}", DATA) == {"n": "c"}


def test_compiled():
    assert jmespath.compile("people[-1].name").search(DATA) == "c"


def test_error():
    try:
        jmespath.compile("people[")
    except jmespath.exceptions.ParseError:
        return
    raise AssertionError("a bad expression is accepted")
