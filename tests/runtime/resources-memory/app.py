"""Resources that come and go many times."""

import gc
import sys

import wit_world
from blobs import Blob
from wit_world import exports
from wit_world.imports import things
from wit_world.imports.things import Thing


class Blobs(exports.Blobs):
    def pass_(self, b: Blob) -> Blob:
        return b

    def objects(self) -> str:
        gc.collect()
        start = sys.getallocatedblocks()
        for _ in range(1000):
            with Thing("a") as thing:
                things.describe(thing, [thing, thing])
        return f"{sys.getallocatedblocks() - start} more blocks"


class WitWorld(wit_world.WitWorld):
    def use_imported(self, fails: bool) -> str:
        thing = Thing("a")
        fork = thing.fork()
        things.describe(thing, [fork, thing])
        try:
            things.take([thing, 5 if fails else fork])  # type: ignore[list-item]
        except TypeError as error:
            return str(error)
        return "taken"

    def take(self, t: Thing) -> None:
        pass

    def look(self, t: Thing) -> None:
        pass
