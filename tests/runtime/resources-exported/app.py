"""Resources that the application implements: the classes are in `counters.py`."""

from typing import Optional

import counters
from componentize_py_types import Err, Ok, Result
from counters import Counter
from wit_world import exports
from wit_world.exports.counters import Either, Pair


class Counters(exports.Counters):
    def echo_own(self, c: Counter) -> Counter:
        return c

    def echo_list(self, c: list[Counter]) -> list[Counter]:
        return c

    def echo_pair(self, p: Pair) -> Pair:
        return p

    def echo_either(self, e: Either) -> Either:
        return e

    def echo_tuple(self, t: tuple[Counter, int, Counter]) -> tuple[Counter, int, Counter]:
        return t

    def swap(self, r: Result[Counter, Counter]) -> Counter:
        if isinstance(r, Ok):
            raise Err(r.value)
        return r.value

    def maybe(self, c: Optional[Counter]) -> Optional[int]:
        return None if c is None else c.value()

    def get_token(self) -> object:
        return ["any", "object"]

    def use_token(self, t: object) -> str:
        return repr(t)

    def make(self, source: str) -> Counter:
        return eval(source, vars(counters))

    def make_many(self, source: str) -> list[Counter]:
        return eval(source, vars(counters))

    def alive(self) -> int:
        return len(counters.alive)
