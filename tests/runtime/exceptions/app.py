"""An exception that leaves an export prints one traceback and traps."""

import sys

import wit_world


def inner(n: int) -> int:
    return 1 // n


class WitWorld(wit_world.WitWorld):
    def fails(self, n: int) -> int:
        return inner(n)

    def exits(self, code: int) -> None:
        sys.exit(code)

    def chained(self) -> None:
        try:
            inner(0)
        except ZeroDivisionError as error:
            raise RuntimeError("could not") from error

    def unexpected(self) -> int:
        raise KeyError("not an Err")

    def prints(self, text: str) -> None:
        print(text, end="")
        print(text, file=sys.stderr, end="")
