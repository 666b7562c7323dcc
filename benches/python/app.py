"""The application of `cargo xtask bench python`; built by this tool and by componentize-py 0.25.1."""

import wit_world
from programs import PROGRAMS


class WitWorld(wit_world.WitWorld):
    def names(self) -> list[str]:
        return list(PROGRAMS)

    def run(self, name: str) -> str:
        return str(PROGRAMS[name]())
