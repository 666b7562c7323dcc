"""yarl: addresses with their parts, queries and quoting."""

from yarl import URL


def test_parts():
    url = URL("http://user:p%40ss@bücher.example:8080/a b/c?x=1&x=2#frag")
    assert (url.host, url.raw_host, url.port) == ("bücher.example", "xn--bcher-kva.example", 8080)
    assert (url.password, url.path, url.raw_path) == ("p@ss", "/a b/c", "/a%20b/c")
    assert url.query.getall("x") == ["1", "2"] and url.fragment == "frag"


def test_changes():
    url = URL("http://example.com/a/b")
    assert str(url / "ü" % {"q": "a&b"}) == "http://example.com/a/b/%C3%BC?q=a%26b"
    assert str(url.join(URL("../c?d=e"))) == "http://example.com/c?d=e"
    assert str(url.with_scheme("https").with_host("x.org").update_query(n=3)) == "https://x.org/a/b?n=3"
    assert url == URL.build(scheme="http", host="example.com", path="/a/b")


def test_wrong_port():
    try:
        URL("http://example.com:99999/")
    except ValueError:
        return
    raise AssertionError("a wrong port is accepted")
