import bare
import stable
import wit_world


class WitWorld(wit_world.WitWorld):
    def reversed(self, text: str) -> str:
        return stable.reversed_text(text)

    def bare(self) -> str:
        return bare.__doc__
