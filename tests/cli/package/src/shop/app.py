import wit_world

from .greeting import GREETING


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"{GREETING}, {name}!"
