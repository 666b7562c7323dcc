import wit_world
from componentize_py_types import Err
from wit_world import Here, exports
from wit_world.exports import documented as exported
from wit_world.imports import documented
from wit_world.imports.documented import Color, Marks, Row, Shape, Shape_Circle


class Thing(exported.Thing):
    def __init__(self, a: int) -> None:
        self.a = a

    def get(self) -> int:
        raise Err(Row(1, 2, "text"))

    @classmethod
    def make(cls) -> "Thing":
        return cls(1)


class Documented(exports.Documented):
    def quoted(self) -> None:
        documented.quoted()

    def run(self) -> Shape | None:
        raise Err([Color.RED]) if Marks.A else AssertionError

    def silent(self) -> None:
        assert Shape_Circle(1.0).value


class WitWorld(wit_world.WitWorld):
    def show(self) -> Here:
        wit_world.look(Here(1))
        return Here(2)
