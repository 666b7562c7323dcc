"""The class of the resource."""

from __future__ import annotations

from componentize_py_types import Err


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start

    def up(self, by: int) -> int:
        self.count += by
        return self.count

    def twin(self) -> Counter:
        return Counter(self.count)

    @classmethod
    def join(cls, one: Counter, other: Counter) -> Counter:
        return cls(one.count + other.count)

    def same(self, other: Counter) -> bool:
        return self is other

    def checked(self, n: int) -> int:
        if n > 9:
            raise Err(f"{n} is too much")
        return n

    def __del__(self) -> None:
        print("released", self.count)
