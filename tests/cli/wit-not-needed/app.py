from wit_world.imports import renamed


class WitWorld:
    def other(self) -> None:
        renamed.f()
