import wit_world


class WitWorld(wit_world.WitWorld):
    async def greet(self, name: str) -> str:
        return name
