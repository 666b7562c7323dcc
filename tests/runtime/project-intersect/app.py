import wit_world
from wit_world.imports import one

try:
    from wit_world.imports import two
except ImportError as error:
    two = None


class WitWorld(wit_world.WitWorld):
    def run(self) -> list[str]:
        return [str(one.add(1)), str(two), str(hasattr(wit_world, "exports"))]
