"""multidict: several values for a key, keys without case, and views."""

from multidict import CIMultiDict, MultiDict, MultiDictProxy, istr


def test_values():
    many = MultiDict([("a", 1), ("b", 2), ("a", 3)])
    assert many.getall("a") == [1, 3] and many["a"] == 1 and len(many) == 3
    many["a"] = 4
    assert list(many.items()) == [("a", 4), ("b", 2)]
    assert many.popall("b") == [2] and "b" not in many


def test_keys_without_case():
    headers = CIMultiDict({"Content-Type": "text/plain"})
    headers.add("content-type", "text/html")
    assert headers.getall(istr("CONTENT-TYPE")) == ["text/plain", "text/html"]
    assert [key for key, _ in headers.items()] == ["Content-Type", "content-type"]


def test_view():
    many = MultiDict(a=1)
    view = MultiDictProxy(many)
    many.add("a", 2)
    assert view.getall("a") == [1, 2]
    try:
        view["a"] = 3
    except TypeError:
        return
    raise AssertionError("a view is changed")


def test_change_while_iterating():
    many = MultiDict(a=1, b=2)
    try:
        for key in many.keys():
            many.add("c", key)
    except RuntimeError:
        return
    raise AssertionError("a change while iterating is accepted")
