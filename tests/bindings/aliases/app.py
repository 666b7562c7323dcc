from typing import List

from wit_world import WitWorld as Protocol, WorldSpots
from wit_world.imports import aliases, others
from wit_world.imports.aliases import Gadget, Place, Point, Thing, Way


class WitWorld(Protocol):
    def walk(self, a: List[Point]) -> None:
        way: Way = a
        spots: WorldSpots = way
        place: Place = Point(1)
        deep = aliases.go([place, *spots], 2)
        if deep is not None:
            number, points = deep
            print(number + 1, points[0].x)


def exchange(thing: Thing) -> Point:
    gadget: Gadget = aliases.use_it(thing)
    with gadget:
        return others.back([], gadget)
