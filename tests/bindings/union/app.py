import wit_world
from wit_world import exports
from wit_world.imports.a import Point


class B(exports.B):
    def g(self) -> Point:
        return Point(1)


class WitWorld(wit_world.WitWorld):
    def run(self) -> None:
        wit_world.log()

    def stop(self) -> None:
        pass
