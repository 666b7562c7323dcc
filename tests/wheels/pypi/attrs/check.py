"""attrs: classes with slots, validators and converters."""

import attrs


@attrs.define
class Point:
    x: int = attrs.field(converter=int, validator=attrs.validators.ge(0))
    y: int = 0
    tags: list[str] = attrs.Factory(list)


@attrs.frozen(order=True)
class Version:
    major: int
    minor: int


def test_class():
    assert Point("3") == Point(3, 0, []) and repr(Point(1)) == "Point(x=1, y=0, tags=[])"
    assert attrs.asdict(attrs.evolve(Point(1), tags=["a"])) == {"x": 1, "y": 0, "tags": ["a"]}


def test_validator():
    try:
        Point(-1)
    except ValueError as error:
        assert "'x' must be >= 0" in str(error), error
        return
    raise AssertionError("a negative value is accepted")


def test_frozen_and_order():
    assert Version(1, 2) < Version(1, 10) and len({Version(1, 2), Version(1, 2)}) == 1
    try:
        Version(1, 2).major = 2
    except attrs.exceptions.FrozenInstanceError:
        return
    raise AssertionError("a frozen instance has changed")
