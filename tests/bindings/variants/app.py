from wit_world import exports
from wit_world.imports.variants import (
    Lonely,
    Lonely_Only,
    Point,
    Shape,
    Shape_Circle,
    Shape_FilledSquare,
    Shape_Many,
    Shape_Maybe,
    Shape_Nothing,
)


class Variants(exports.Variants):
    def grow(self, a: Shape) -> Shape:
        match a:
            case Shape_Nothing():
                return Shape_Circle(1.0)
            case Shape_Circle(value=radius):
                return Shape_Circle(2 * radius)
            case Shape_FilledSquare(corner):
                return Shape_Many([corner, Point(corner.x + 1, corner.y + 1)])
            case Shape_Many(points):
                return Shape_Maybe(str(len(points)))
            case Shape_Maybe(value):
                return Shape_Maybe(value)

    def alone(self, a: Lonely) -> Lonely:
        return Lonely_Only()
