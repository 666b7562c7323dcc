import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str, *, greeting: str) -> str:
        return f"{greeting}, {name}"
