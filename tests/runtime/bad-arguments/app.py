"""Calls imports with arguments of the wrong type; nothing reaches the host and the instance lives on."""

import wit_world
from wit_world.imports import host
from wit_world.imports.host import Point


class WitWorld(wit_world.WitWorld):
    def attempt(self, expression: str) -> str:
        try:
            return repr(eval(expression))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
