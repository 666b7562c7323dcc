"""pydantic-core (Rust)."""

from pydantic_core import SchemaValidator, ValidationError, core_schema

numbers = SchemaValidator(core_schema.list_schema(core_schema.int_schema()))


def test_values():
    assert numbers.validate_json("[1, 2]") == [1, 2]


def test_errors():
    try:
        numbers.validate_python(["x"])
    except ValidationError as error:
        assert error.errors()[0]["type"] == "int_parsing"
    else:
        raise AssertionError("`x` is not a number")


def test_now():
    past = SchemaValidator(core_schema.datetime_schema(now_op="past"))
    assert past.validate_python("2020-01-01T00:00:00").year == 2020
