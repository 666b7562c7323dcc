import wit_world


class WitWorld(wit_world.WitWorld):
    def run(self, a: int) -> str:
        return str(a)

    async def stop(self) -> dict[str, int]:
        return {}


world: wit_world.WitWorld = WitWorld()
