"""Reading and writing through libyaml, and the same through Python."""

import yaml

TEXT = """\
name: Käse → 🧀
tags: [a, "b", 'c']
nested:
  numbers: {one: 1, half: 0.5, big: 0x1F}
  text: |
    line 1
    line 2
base: &base {x: 1}
derived: {<<: *base, y: 2}
when: 2026-11-25 12:00:00
"""


def test_libyaml_is_there():
    assert yaml.__with_libyaml__
    assert yaml._yaml.get_version() == (0, 2, 5)


def test_reading():
    fast = yaml.load(TEXT, yaml.CSafeLoader)
    assert fast == yaml.load(TEXT, yaml.SafeLoader)
    assert fast["derived"] == {"x": 1, "y": 2}
    assert fast["nested"]["text"] == "line 1\nline 2\n"
    assert fast["name"] == "Käse → 🧀"


def test_writing():
    data = yaml.load(TEXT, yaml.CSafeLoader)
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=True)
    assert yaml.load(text, yaml.CSafeLoader) == yaml.load(text, yaml.SafeLoader) == data
    assert yaml.dump([1, {"a": None}], Dumper=yaml.CSafeDumper) == "- 1\n- a: null\n"


def test_errors_have_their_places():
    try:
        yaml.load("a: b\n  c: d: e\n", yaml.CSafeLoader)
    except yaml.YAMLError as error:
        assert error.problem_mark.line == 1, error
    else:
        raise AssertionError("accepted")


def test_many_documents():
    text = "".join(f"---\nid: {i}\n" for i in range(2000))
    assert [each["id"] for each in yaml.load_all(text, yaml.CSafeLoader)] == list(range(2000))
