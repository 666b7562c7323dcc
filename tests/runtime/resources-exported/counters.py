"""What implements the resources of the interface `counters`."""

from __future__ import annotations

import weakref

from componentize_py_types import Err

alive: weakref.WeakSet[Counter] = weakref.WeakSet()


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start
        alive.add(self)

    def up(self, by: int) -> int:
        self.count += by
        return self.count

    def value(self) -> int:
        return self.count

    @classmethod
    def special(cls) -> Counter:
        return Loud(1000)

    @staticmethod
    def sum(all: list[Counter]) -> int:
        return sum(one.count for one in all)

    @classmethod
    def join(cls, one: Counter, other: Counter) -> Counter:
        return cls(one.count + other.count)

    def twin(self) -> Counter:
        return self

    def equals(self, other: Counter) -> bool:
        return self is other


class Loud(Counter):
    def __del__(self) -> None:
        print("released", self.count)


class Broken(Counter):
    def __del__(self) -> None:
        raise RuntimeError("in the finalizer")


class Cycle(Counter):
    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.me = self


class Checked:
    def __init__(self, n: int) -> None:
        if n < 0:
            raise Err(f"{n} is negative")
        self.n = n

    def get(self) -> int:
        return self.n

    def set(self, n: int) -> None:
        if n < 0:
            raise Err(f"{n} is negative")
        self.n = n
