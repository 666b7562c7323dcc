"""Output, environment, state between calls."""

import os
import sys

import wit_world

calls = 0


class WitWorld(wit_world.WitWorld):
    def print(self, text: str) -> None:
        print(text)
        sys.stdout.write("no newline")

    def environment(self, name: str) -> str | None:
        return os.environ.get(name)

    def count(self) -> int:
        global calls
        calls += 1
        return calls

    def exits(self, code: int) -> None:
        sys.exit(code)
