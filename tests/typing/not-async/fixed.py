import wit_world


class WitWorld(wit_world.WitWorld):
    async def run(self, a: int) -> str:
        return str(a)

    def stop(self) -> dict[str, int]:
        return {}


world: wit_world.WitWorld = WitWorld()
