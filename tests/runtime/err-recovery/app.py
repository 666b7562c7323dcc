"""After an error the instance goes on."""

import gc
import sys
from typing import Any

import wit_world
from componentize_py_types import Err, Ok
from wit_world.imports import things
from wit_world.imports.things import Thing

calls = 0


def attempt(*arguments: Any) -> None:
    try:
        things.store(*arguments)
    except (TypeError, OverflowError):
        pass


class WitWorld(wit_world.WitWorld):
    def count(self) -> int:
        global calls
        calls += 1
        if calls % 2 == 1:
            print("fails", calls)
            print("fails", calls, file=sys.stderr)
            raise Err(calls)
        return calls

    def run(self, source: str) -> str:
        return str(eval(source))

    def leak(self) -> int:
        def round() -> None:
            attempt([Thing("a"), 5], 1)
            attempt([Thing("a")], 300)
            attempt("text", 1)
            try:
                things.fail(Err("no"))
            except Err:
                pass
            try:
                Thing("bad")
            except Err:
                pass

        round()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(200):
            round()
        gc.collect()
        return sys.getallocatedblocks() - before
