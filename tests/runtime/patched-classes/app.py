"""Generated classes as they are, and as applications change them: values are made and read as the class says then."""

import copy
import pickle
from typing import Any

import wit_world
from componentize_py_types import Err, Ok, Some
from wit_world.imports.kinds import Odd, Point, Shape_Dot, Shape_NoneAtAll, Wide

assert copy and pickle and Err and Ok and Some and Odd and Shape_Dot and Shape_NoneAtAll and Wide

original = Point.__init__
code = Point.__init__.__code__


def loud(self: Any, x: int, y: str) -> None:
    """Another `__init__`."""
    original(self, x + 100, y.upper())


def louder(self: Any, x: int, y: str) -> None:
    """Whose code does not need this module."""
    self.x = x + 200
    self.y = y.upper()


class Sub(Point):
    """An application's own kind of point."""

    @property
    def twice(self) -> int:
        return self.x * 2


def made(**attributes: Any) -> Point:
    point = Point(1, "a")
    for name, value in attributes.items():
        setattr(point, name, value)
    return point


def without(name: str) -> Point:
    point = Point(1, "a")
    delattr(point, name)
    return point


def through_dict(**attributes: Any) -> Point:
    point = Point(1, "a")
    vars(point).update(attributes)
    return point


def with_dict(attributes: dict[str, Any]) -> Point:
    point = Point(1, "a")
    point.__dict__ = attributes
    return point


class WitWorld(wit_world.WitWorld):
    def attempt(self, statements: str, expression: str) -> str:
        try:
            exec(statements, globals())
            return repr(eval(expression))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def see(self, p: Any, all: Any, s: Any) -> str:
        return f"{p} {vars(p)} {all} {s} {p == Point(p.x, p.y)} {list(vars(p))}"

    def echo_odds(self, p: Any) -> Any:
        assert all(list(vars(odd)) == ["self", "mro", "value"] for odd in p)
        return [Odd(odd.self, odd.mro, odd.value) for odd in p]

    def echo_wides(self, p: Any) -> Any:
        assert all(list(vars(wide)) == [f"n{i}" for i in range(40)] for wide in p)
        return p
