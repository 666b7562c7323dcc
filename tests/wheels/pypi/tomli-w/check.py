"""tomli-w: what it writes, `tomllib` reads."""

import tomllib

import tomli_w

DATA = {"name": 'a "b"', "list": [1, 2.5, True], "table": {"nested": {"x": "é\n"}}, "many": [{"a": 1}, {"a": 2}]}


def test_there_and_back():
    assert tomllib.loads(tomli_w.dumps(DATA)) == DATA


def test_form():
    assert tomli_w.dumps({"a": 1, "t": {"b": [1]}}) == "a = 1\n\n[t]\nb = [\n    1,\n]\n"
