"""Every aggregate: host -> guest -> host -> guest -> host."""

import wit_world.exports
from wit_world.imports import kinds


class Kinds(wit_world.exports.Kinds):
    def __getattribute__(self, name: str):  # type: ignore[no-untyped-def]
        return getattr(kinds, name) if name.startswith("echo") else object.__getattribute__(self, name)


# Abstract methods must be there; what runs is above.
for _name in dir(kinds):
    if _name.startswith("echo"):
        setattr(Kinds, _name, getattr(kinds, _name))
Kinds.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]
