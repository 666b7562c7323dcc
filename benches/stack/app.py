import wit_world
import work


class WitWorld(wit_world.WitWorld):
    def hello(self, name: str) -> str:
        return work.greet(name)
