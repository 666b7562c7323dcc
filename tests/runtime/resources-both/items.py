"""The exported resource `item`, which holds the imported one."""

from __future__ import annotations

from wit_world.imports import items


class Item:
    def __init__(self, name: str) -> None:
        self.inner = items.Item(name)

    @classmethod
    def around(cls, inner: items.Item) -> Item:
        self = cls.__new__(cls)
        self.inner = inner
        return self

    def label(self) -> str:
        return f"around {self.inner.label()}"

    def clone_it(self) -> Item:
        return Item.around(self.inner.clone_it())
