"""Beautiful Soup with the parsers of the standard library and of html5lib."""

from bs4 import BeautifulSoup

HTML = "<p class='a b'>One<p id=x>Two <a href='/z?q=1&amp;r=2'>link</a>"


def test_standard_parser():
    soup = BeautifulSoup(HTML, "html.parser")
    assert soup.a["href"] == "/z?q=1&r=2" and soup.p["class"] == ["a", "b"]


def test_html5lib():
    soup = BeautifulSoup(HTML, "html5lib")
    assert [p.get_text() for p in soup.body.find_all("p")] == ["One", "Two link"]


def test_selectors_and_changes():
    soup = BeautifulSoup(HTML, "html5lib")
    soup.select_one("p#x > a").replace_with("text")
    assert str(soup.select("p:not(.a)")[0]) == '<p id="x">Two text</p>'


def test_encoding():
    assert BeautifulSoup("<p>é</p>".encode("latin-1"), "html.parser", from_encoding="latin-1").p.string == "é"
