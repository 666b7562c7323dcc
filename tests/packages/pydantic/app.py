"""pydantic with the guest's wheel of its extension, before what pip has installed for this machine."""

import datetime
from typing import Any, List, Optional

from attempts import attempts
from pydantic import BaseModel, Field, ValidationError, field_validator


class Point(BaseModel):
    x: int
    y: int = 2


class Line(BaseModel):
    points: List[Point] = Field(min_length=2, description="from the first to the last")
    drawn: Optional[datetime.datetime] = None

    @field_validator("points")
    @classmethod
    def apart(cls, points: List[Point]) -> List[Point]:
        if points[0] == points[-1]:
            raise ValueError("it has no length")
        return points


def loaded() -> Any:
    text = '{"points": [{"x": "3"}, {"x": 4, "y": 5}], "drawn": "2026-01-02T03:04:05Z"}'
    line = Line.model_validate_json(text)
    return line, line.model_dump_json()


def refused() -> Any:
    found = []
    for value in ({"points": [{"x": "one"}]}, {"points": [{"x": 1}, {"x": 1}], "drawn": 1}, {}):
        try:
            Line.model_validate(value)
        except ValidationError as error:
            found.append([(one["loc"], one["type"], one["msg"]) for one in error.errors()])
    return found


def described() -> Any:
    return Line.model_json_schema()


def later() -> Any:
    from pydantic import ConfigDict, TypeAdapter, create_model
    from pydantic.dataclasses import dataclass

    @dataclass(config=ConfigDict(strict=True))
    class Pair:
        left: int
        right: Optional["Pair"] = None

    made = create_model("Made", size=(int, 3))
    return TypeAdapter(List[Pair]).validate_json('[{"left": 1, "right": {"left": 2}}]'), made(), made.model_fields


def typed() -> Any:
    import uuid
    from decimal import Decimal

    from pydantic import AnyUrl, Base64Bytes, IPvAnyAddress, SecretStr, TypeAdapter

    kinds = {
        AnyUrl: "http://bücher.example/a",
        Base64Bytes: "aGk=",
        IPvAnyAddress: "::1",
        SecretStr: "hidden",
        Decimal: "1.50",
        uuid.UUID: "6f1c2c7e-0d5a-4f0e-9b3a-1d2e3f405162",
        datetime.timedelta: "P1DT2H",
    }
    return [str(TypeAdapter(kind).validate_python(value)) for kind, value in kinds.items()]


WitWorld = attempts(loaded, refused, described, later, typed)
