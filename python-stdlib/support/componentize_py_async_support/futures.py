# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The two ends of a `future<T>`.

`<type>_future(default)` of the generated world module makes a pair. Each end is closed by a `with` block, or when nothing
refers to it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ._ends import EndOwner

_T = TypeVar("_T")


class FutureReader(EndOwner, Generic[_T]):
    """The readable end: its value can be read once."""

    async def read(self) -> _T:
        """Waits for the value."""
        value: _T = await self._end.read(1)
        return value


class FutureWriter(EndOwner, Generic[_T]):
    """The writable end: a value can be written once. One that is closed before sends its default."""

    async def write(self, value: _T) -> bool:
        """Whether the value was taken: `False` if the readable end is closed."""
        taken: bool = await self._end.write(value)
        return taken

    def __del__(self) -> None:
        self._end.close()


def new_future(index: int, default: Callable[[], Any]) -> Any:
    """For generated code: the writer and the reader of a new future of the world's type `index`."""
    import componentize_py_runtime

    return componentize_py_runtime.future_new(index, default)
