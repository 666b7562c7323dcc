"""Lists of fixed length, both ways: host -> guest -> host -> guest -> host, and what is too short or too long."""

import array
from typing import Any, List

import wit_world
import wit_world.exports
from wit_world.imports import kinds

assert array


class Emptying:
    """Passes for an integer, and empties the list that it is in."""

    def __init__(self, items: List[Any]) -> None:
        self.items = items

    def __index__(self) -> int:
        self.items.clear()
        return 7


def emptying() -> List[Any]:
    items: List[Any] = [1]
    items += [Emptying(items), 3, 4]
    return items


class Kinds(wit_world.exports.Kinds):
    def __getattribute__(self, name: str) -> Any:
        return getattr(kinds, name) if name.startswith("echo") else object.__getattribute__(self, name)


for _name in dir(kinds):
    if _name.startswith("echo"):
        setattr(Kinds, _name, getattr(kinds, _name))
Kinds.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


class WitWorld(wit_world.WitWorld):
    def attempt(self, expression: str) -> str:
        try:
            return repr(eval(expression))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def lifted(self, *arguments: Any) -> str:
        return repr(arguments)
