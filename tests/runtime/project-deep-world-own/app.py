import sys

import wit_world
from wit_world import exports
from wit_world.imports.types import Method, Method_Get


class Handler(exports.Handler):
    def handle(self, method: Method) -> list[bool]:
        return [isinstance(method, Method_Get), "sdk" in sys.modules]


class WitWorld(wit_world.WitWorld):
    def name(self) -> str:
        return wit_world.WitWorld.__module__
