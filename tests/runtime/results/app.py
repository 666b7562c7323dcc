"""`result` as a value and as what a function returns."""

import contextlib
from collections.abc import Callable
from typing import Any, Iterator

import wit_world
from componentize_py_types import Err, Ok, Result
from wit_world import Problem
from wit_world.imports import host


def describe(call: Callable[[Any], object], value: Any) -> str:
    try:
        return f"returned {call(value)!r}"
    except Err as error:
        return f"raised {error.value!r}"


@contextlib.contextmanager
def noting() -> Iterator[None]:
    try:
        yield
    except Err as error:
        error.add_note("seen")
        raise


class WitWorld(wit_world.WitWorld):
    def describe_result(self, v: Result[int, str]) -> str:
        return describe(host.echo_result, v)

    def describe_empty(self, v: Result[None, None]) -> str:
        return describe(host.echo_empty, v)

    def describe_nested(self, v: Result[Result[int, str], int]) -> str:
        return describe(host.echo_nested, v)

    def checked(self, n: int) -> int:
        if n < 10:
            return n
        raise Err(Problem(n, "too large"))

    def only_err(self, n: int) -> None:
        if n >= 10:
            raise Err("too large")

    def only_ok(self, n: int) -> str:
        if n >= 10:
            raise Err(None)
        return str(n)

    def neither(self, n: int) -> None:
        if n >= 10:
            raise Err(None)

    def forwarded(self, v: Result[int, str]) -> int:
        return host.echo_result(v)

    def wrapped(self, n: int) -> int:
        with noting():
            try:
                return self.checked(n)
            except Err as error:
                raise Err(f"wrapped {error.value.code}") from error
