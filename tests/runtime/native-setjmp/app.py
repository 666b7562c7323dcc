import jumper
import wit_world


class WitWorld(wit_world.WitWorld):
    def run(self) -> list[str]:
        return [str(jumper.attempt(code)) for code in (0, 1, 7, -3, 0)]
