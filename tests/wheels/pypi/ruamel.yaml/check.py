"""ruamel.yaml: a document that keeps its comments."""

from io import StringIO

from ruamel.yaml import YAML

TEXT = """\
# settings
name: app  # the name
ports:
- 80
- 443
"""


def test_comments_stay():
    yaml = YAML()
    data = yaml.load(TEXT)
    data["ports"].append(8080)
    out = StringIO()
    yaml.dump(data, out)
    assert out.getvalue() == TEXT + "- 8080\n", out.getvalue()


def test_safe_and_anchors():
    data = YAML(typ="safe", pure=True).load("a: &x {b: 1}\nc: *x\nd: 2026-01-02\n")
    assert data["a"] == data["c"] == {"b": 1} and data["d"].year == 2026
