from wit_world import exports
from wit_world.imports import scalars


class Scalars(exports.Scalars):
    def bools(self, a: bool) -> bool:
        return scalars.bools(not a)

    def unsigned(self, a: int, b: int, c: int, d: int) -> int:
        return scalars.unsigned(a, b, c, d)

    def signed(self, a: int, b: int, c: int, d: int) -> int:
        return scalars.signed(a, b, c, d)

    def floats(self, a: float, b: float) -> float:
        return scalars.floats(a, b)

    def chars(self, a: str) -> str:
        return scalars.chars(a)

    def strings(self, a: str) -> str:
        return scalars.strings(a)

    def nothing(self) -> None:
        scalars.nothing()
