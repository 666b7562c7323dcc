"""Error values of every type."""

from typing import Any, Callable

from componentize_py_types import Err, Ok
from wit_world.imports import host
from wit_world.imports.types import (
    Failure_Code,
    Failure_Missing,
    Failure_Unknown,
    Problem,
    Reason,
    Rights,
)


class WitWorld:
    def import_problem(self, v: Any) -> str:
        return describe(host.echo_problem, v)

    def import_failure(self, v: Any) -> str:
        return describe(host.echo_failure, v)

    def import_reason(self, v: Any) -> str:
        return describe(host.echo_reason, v)


def describe(call: Callable[[Any], object], value: Any) -> str:
    try:
        return f"returned {call(value)!r}"
    except Err as error:
        return f"raised {error!r}, equal {error == value}"


def raise_it(self: Any, source: str) -> Any:
    raise Err(eval(source))


for kind in "problem failure reason rights text list bytes tuple option result nothing float".split():
    setattr(WitWorld, f"as_{kind}", raise_it)
