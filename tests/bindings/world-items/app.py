from typing import List, Tuple

import wit_world
from componentize_py_types import Err
from wit_world import Borrowed, Color, Handle, Marks, Point, Shape, Shape_Dot


class WitWorld(wit_world.WitWorld):
    def run(self, a: Point, b: Shape, c: Color, d: Marks, e: List[Point]) -> Shape:
        wit_world.log("running", [a, *e])
        if Marks.A in d:
            raise Err(c)
        wit_world.try_it()
        with Handle.open("it") as opened, Handle("that"):
            borrowed: Borrowed = opened.lend()
            with borrowed.by:
                return Shape_Dot(a)

    def twice(self, a: Point) -> Tuple[Point, Point]:
        return a, a
