import wit_world


class WitWorld(wit_world.WitWorld):
    def later(self, than):
        return than
