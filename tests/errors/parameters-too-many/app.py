import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str, greeting: str, *, end: str = "!") -> str:
        return f"{greeting}, {name}{end}"
