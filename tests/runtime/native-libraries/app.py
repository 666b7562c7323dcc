import wit_world
from package import one, two


class WitWorld(wit_world.WitWorld):
    def add(self, a: int, b: int) -> list[tuple[int, int]]:
        return [one.add(a), two.add(b)]
