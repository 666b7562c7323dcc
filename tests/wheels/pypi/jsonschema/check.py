"""jsonschema: drafts, references, formats and errors."""

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker, ValidationError, validate
from referencing import Registry, Resource

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 2}, "age": {"$ref": "#/$defs/age"}},
    "required": ["name"],
    "$defs": {"age": {"type": "integer", "minimum": 0}},
}


def test_valid_and_not():
    validate({"name": "Ann", "age": 3}, SCHEMA)
    errors = Draft202012Validator(SCHEMA).iter_errors({"name": "A", "age": -1})
    assert sorted(error.validator for error in errors) == ["minLength", "minimum"]


def test_error():
    try:
        validate({}, SCHEMA)
    except ValidationError as error:
        assert error.message == "'name' is a required property", error.message
        return
    raise AssertionError("bad data is accepted")


def test_registry():
    other = Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "integer"})
    registry = Registry().with_resource("urn:other", other)
    validator = Draft202012Validator({"$ref": "urn:other"}, registry=registry)
    assert validator.is_valid(1) and not validator.is_valid("x")


def test_schema_and_format():
    Draft7Validator.check_schema({"type": "string"})
    checker = Draft7Validator({"format": "ipv4"}, format_checker=FormatChecker())
    assert checker.is_valid("127.0.0.1") and not checker.is_valid("300.1.1.1")
