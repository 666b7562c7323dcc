"""Maps, both ways: host -> guest -> host -> guest -> host, and what is no map."""

import collections
import types
from typing import Any, Dict, Iterator

import wit_world
import wit_world.exports
from wit_world.imports import kinds

assert collections and types


class Squares(collections.abc.Mapping[str, int]):
    """Not a dict."""

    def __getitem__(self, key: str) -> int:
        return int(key) ** 2

    def __iter__(self) -> Iterator[str]:
        return iter("123")

    def __len__(self) -> int:
        return 3


class Reversed(Dict[Any, Any]):
    """A dict with entries of its own."""

    def items(self) -> Any:
        return [(value, key) for key, value in super().items()]


class Odd(Dict[Any, Any]):
    def items(self) -> Any:
        return [("a", 1), "bc"]


class Growing:
    """Passes for an integer, and changes the dict that it is in."""

    def __init__(self, change: Any) -> None:
        self.change = change

    def __index__(self) -> int:
        self.change()
        return 7


class Unprintable(str):
    def __repr__(self) -> str:
        raise RuntimeError("no text for this one")


def changing(change: Any) -> Dict[str, Any]:
    mapping: Dict[str, Any] = {}
    mapping.update(a=1, b=Growing(lambda: change(mapping)), c=3)
    return mapping


def replace(mapping: Dict[str, Any]) -> None:
    del mapping["a"]
    mapping["z"] = 1


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

    def lifted(self, v: Dict[str, int]) -> str:
        assert type(v) is dict
        return repr(v)
