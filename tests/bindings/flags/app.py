from wit_world import exports
from wit_world.imports.flags import Many, Permissions


class Flags(exports.Flags):
    def both(self, a: Permissions) -> Many:
        if Permissions.READ | Permissions.WRITE_ALL in a:
            return Many.BIT0 | Many.BIT31
        return Many(0)
