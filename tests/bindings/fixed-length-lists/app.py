import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import types


class WitWorld(wit_world.WitWorld):
    def longest(self, items: list[int]) -> dict[int, list[bool]]:
        digest: bytes = wit_world.hash(b"text")
        mesh = types.Mesh([0.0, 0.0, 0.0], [[1.0, 2.0, 3.0]], digest, b"\x00\xff")
        return {items[0]: [True] * 4, len(mesh.offsets): [False] * 4}


class Types(exports.Types):
    def scale(
        self, a: types.Matrix, by: list[int] | None
    ) -> list[list[float]]:
        if by is None:
            raise Err(["no", "factor"])
        return [[value * by[0] for value in row] for row in a]

    def things(
        self, a: list[exports.types.Thing]
    ) -> list[exports.types.Thing]:
        return a
