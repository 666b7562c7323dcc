import wit_world


class WitWorld(wit_world.WitWorld):
    def greet() -> str:
        return "Hello"
