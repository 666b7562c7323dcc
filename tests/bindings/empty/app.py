import wit_world


class WitWorld(wit_world.WitWorld):
    pass
