from typing import Optional, Self

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.exports import things as exported
from wit_world.imports import things, users


class Thing(exported.Thing):
    def __init__(self, a: int) -> None:
        self.a = a

    def get(self) -> str:
        with things.Thing(self.a) as imported, things.Thing.make("b") as other:
            return users.take(imported, other).own.get()

    def merge(self, with_: Self, parts: exported.Parts) -> Self:
        raise Err(exported.Failure(self.a))

    @classmethod
    def make(cls, s: str) -> Self:
        return cls(len(s))


class Plain(exported.Plain):
    pass


class Fallible(exported.Fallible):
    def __init__(self, a: int) -> None:
        raise Err("not today")


class Things(exports.Things):
    def lend(self, a: exported.Thing, b: Optional[exported.Plain]) -> Optional[exported.Thing]:
        return None

    def give(self, a: exported.Thing) -> exported.Parts:
        return exported.Parts(a, [Thing(1)], Ok(Thing.make("x")))


class Users(exports.Users):
    def take(self, a: exported.Thing, b: exported.Thing) -> exported.Parts:
        return exported.Parts(own=a, several=[], either=Err(Plain()))
