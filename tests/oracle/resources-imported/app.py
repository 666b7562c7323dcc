"""Resources of the host's."""

import wit_world
from wit_world.imports import things
from wit_world.imports.things import Pair, Thing


def label() -> str:
    return Thing("a").label()


def fork() -> str:
    thing = Thing("a")
    return thing.fork().label() + thing.echo_text(" text")


def merge() -> str:
    return Thing.merge(Thing("a"), Thing("b")).label()


def with_block() -> str:
    with Thing("a") as thing:
        return things.describe(thing)


def take() -> str:
    things.take([Thing("a"), Thing("b")])
    return "taken"


def pair() -> str:
    found = things.echo_pair(Pair(Thing("a"), None))
    return found.left.label() + str(found.right)


class WitWorld(wit_world.WitWorld):
    def run(self, way: str) -> str:
        return str(globals()[way]())

    def pass_(self, t: Thing) -> Thing:
        return t

    def look(self, t: Thing) -> str:
        return t.label()
