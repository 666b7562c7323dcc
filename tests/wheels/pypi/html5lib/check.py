"""html5lib: a tree from broken HTML, and text from a tree."""

import html5lib


def test_tree():
    tree = html5lib.parse("<table><td>x<b>y", namespaceHTMLElements=False)
    assert tree.find("body/table/tbody/tr/td/b").text == "y"


def test_serializer():
    tree = html5lib.parseFragment("<p>a &lt; b<br>", treebuilder="dom")
    assert html5lib.serialize(tree, tree="dom", omit_optional_tags=False) == "<p>a &lt; b<br></p>"


def test_errors():
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parse("<p></b>")
    except html5lib.html5parser.ParseError:
        return
    raise AssertionError("broken HTML is accepted")
