"""Validation by pydantic, whose core is the extension: models, errors, JSON both ways, and Rust's own features."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal, Union
from uuid import UUID

import pydantic_core
from annotated_types import Gt
from pydantic import AnyUrl, BaseModel, Field, TypeAdapter, ValidationError, computed_field, field_validator


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    name: str = Field(min_length=1, pattern=r"^[a-zä-ü ]+$")
    price: Annotated[Decimal, Gt(0)]
    colour: Colour = Colour.RED
    tags: list[str] = []

    @field_validator("tags")
    @classmethod
    def lower(cls, tags: list[str]) -> list[str]:
        return [tag.lower() for tag in tags]

    @computed_field
    @property
    def label(self) -> str:
        return f"{self.name}: {self.price}"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Order(BaseModel):
    id: UUID
    at: datetime
    items: list[Item]
    site: AnyUrl | None = None
    pet: Union[Cat, Dog] = Field(discriminator="kind", default=Cat(kind="cat"))


TEXT = json.dumps(
    {
        "id": "12345678-1234-5678-1234-567812345678",
        "at": "2026-11-25T12:00:00+02:00",
        "items": [{"name": "käse", "price": "3.50", "tags": ["Food"]}],
        "site": "https://bücher.example/path?q=1",
        "pet": {"kind": "dog", "good": True},
    }
)


def test_valid_json():
    order = Order.model_validate_json(TEXT)
    assert order.at == datetime(2026, 11, 25, 10, tzinfo=timezone.utc)
    assert order.at.utcoffset() == timedelta(hours=2)
    assert order.items[0].price == Decimal("3.50")
    assert order.items[0].tags == ["food"]
    assert order.site is not None and order.site.host == "xn--bcher-kva.example"
    assert isinstance(order.pet, Dog)


def test_round_trip():
    order = Order.model_validate_json(TEXT)
    dumped = order.model_dump_json()
    assert json.loads(dumped)["items"][0]["label"] == "käse: 3.50"
    assert Order.model_validate_json(dumped) == order


def test_errors_have_their_places():
    try:
        Item.model_validate({"name": "", "price": -1, "colour": "green"})
    except ValidationError as error:
        found = [(item["loc"], item["type"]) for item in error.errors()]
        assert found == [
            (("name",), "string_too_short"),
            (("price",), "greater_than"),
            (("colour",), "enum"),
        ], found
        assert "3 validation errors for Item" in str(error)
    else:
        raise AssertionError("accepted")


def test_invalid_json_is_an_error_with_its_position():
    try:
        Order.model_validate_json('{"id": ')
    except ValidationError as error:
        assert error.errors()[0]["type"] == "json_invalid"
    else:
        raise AssertionError("accepted")


def test_recursion_is_noticed():
    items: list = []
    items.append(items)
    try:
        pydantic_core.to_json(items)
    except ValueError as error:
        assert "Circular reference" in str(error)
    else:
        raise AssertionError("accepted")


def test_adapters_and_schemas():
    adapter = TypeAdapter(dict[str, list[int]])
    assert adapter.validate_json('{"a": ["1", 2]}') == {"a": [1, 2]}
    assert Order.model_json_schema()["properties"]["id"]["format"] == "uuid"


def test_exceptions_of_validators_pass_through():
    class Fails(BaseModel):
        x: int

        @field_validator("x")
        @classmethod
        def fail(cls, x: int) -> int:
            raise KeyError("mine")

    try:
        Fails(x=1)
    except KeyError as error:
        assert error.args == ("mine",)
    else:
        raise AssertionError("swallowed")
