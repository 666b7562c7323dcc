import sys

import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return name


def refuse(event, arguments):
    raise RuntimeError(event)


sys.addaudithook(refuse)
