"""referencing: documents by their addresses, anchors and pointers."""

from referencing import Registry, Resource, exceptions
from referencing.jsonschema import DRAFT202012


def registry():
    schema = {
        "$id": "http://example.com/s",
        "$defs": {"a/b": {"type": "integer"}, "named": {"$anchor": "here", "type": "string"}},
    }
    return Registry().with_resource("http://example.com/s", Resource(contents=schema, specification=DRAFT202012))


def test_pointer_and_anchor():
    resolver = registry().resolver("http://example.com/")
    assert resolver.lookup("s#/$defs/a~1b").contents == {"type": "integer"}
    assert resolver.lookup("s#here").contents["type"] == "string"


def test_retrieved_document():
    asked = []

    def retrieve(uri):
        asked.append(uri)
        return DRAFT202012.create_resource({"title": uri})

    found = Registry(retrieve=retrieve).get_or_retrieve("http://example.com/x")
    assert found.value.contents == {"title": "http://example.com/x"} and asked == ["http://example.com/x"]


def test_missing():
    for ref, error in [("s#/none", exceptions.PointerToNowhere), ("s#none", exceptions.NoSuchAnchor)]:
        try:
            registry().resolver("http://example.com/").lookup(ref)
        except error:
            continue
        raise AssertionError(ref)
