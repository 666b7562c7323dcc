"""`result` and exceptions."""

import wit_world
from componentize_py_types import Err, Ok, Result
from wit_world import Problem
from wit_world.imports import host


class Refused(Err[str]):
    pass


class WitWorld(wit_world.WitWorld):
    def checked(self, n: int) -> int:
        if n < 10:
            return n
        raise Err(Problem(n, "too large"))

    def only_err(self, n: int) -> None:
        if n >= 10:
            print("about to fail")
            raise Err("too large")

    def only_ok(self, n: int) -> str:
        if n >= 10:
            raise Err(None)
        return str(n)

    def forwarded(self, v: Result[int, str]) -> int:
        return host.echo_result(v)

    def caught(self, v: Result[int, str]) -> str:
        try:
            return f"returned {host.echo_result(v)}"
        except Err as error:
            return f"raised {error.value}"

    def empty(self, v: Result[None, None]) -> None:
        host.echo_empty(v)

    def subclass(self) -> None:
        raise Refused("refused")

    def fails(self, n: int) -> int:
        return 1 // n

    def other(self) -> None:
        raise KeyError("not an Err")
