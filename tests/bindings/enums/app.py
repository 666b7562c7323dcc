from wit_world import exports
from wit_world.imports.enums import Color


class Enums(exports.Enums):
    def next(self, a: Color) -> Color:
        return Color((a.value + 1) % len(Color)) if a is not Color.DARK_GREEN else Color.NONE
