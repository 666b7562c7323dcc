"""Pydantic: models, errors, unions by a tag, adapters and JSON schemas."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, computed_field, field_validator


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=0, le=9)


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Owner(BaseModel):
    since: datetime
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]

    @field_validator("pets")
    @classmethod
    def some(cls, value):
        assert value, "no pets"
        return value

    @computed_field
    @property
    def count(self) -> int:
        return len(self.pets)


def test_json_there_and_back():
    text = '{"since":"2026-01-02T03:04:05Z","pets":[{"kind":"cat","lives":9},{"kind":"dog","name":"é"}]}'
    owner = Owner.model_validate_json(text)
    assert isinstance(owner.pets[1], Dog) and owner.since.year == 2026
    assert owner.model_dump_json() == text[:-1] + ',"count":2}'


def test_errors():
    try:
        Owner.model_validate({"since": "never", "pets": [{"kind": "cat", "lives": 10}, {"kind": "cow"}]})
    except ValidationError as error:
        kinds = [item["type"] for item in error.errors()]
        assert kinds == ["datetime_from_date_parsing", "less_than_equal", "union_tag_invalid"], kinds
        return
    raise AssertionError("bad data is accepted")


def test_adapter():
    assert TypeAdapter(dict[str, tuple[int, float]]).validate_python({"a": ["1", "2.5"]}) == {"a": (1, 2.5)}


def test_schema():
    schema = Owner.model_json_schema()
    assert schema["$defs"]["Cat"]["properties"]["lives"]["maximum"] == 9
    assert schema["properties"]["pets"]["items"]["discriminator"]["propertyName"] == "kind"
