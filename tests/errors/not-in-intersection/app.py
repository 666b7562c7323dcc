from wit_world.imports import one, two_three


class WitWorld:
    def run(self) -> None:
        one.f()
        two_three.f()
