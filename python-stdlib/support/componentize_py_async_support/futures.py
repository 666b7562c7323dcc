# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The two ends of a `future<T>`.

`<type>_future(default)` of the generated world module makes a pair. Each end closes after a `with` block, or when
nothing refers to it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ._ends import EndOwner

_T = TypeVar("_T")


class FutureReader(EndOwner, Generic[_T]):
    """The readable end. Its value can be read once."""

    async def read(self) -> _T:
        """Waits for the value."""
        value: _T = await self._end.read(1)
        return value


class FutureWriter(EndOwner, Generic[_T]):
    """The writable end. A value can be written once. If the end is closed before, it sends the default."""

    async def write(self, value: _T) -> bool:
        """Writes the value. Returns whether it was taken: `False` if the readable end is closed."""
        taken: bool = await self._end.write(value)
        return taken

    def __del__(self) -> None:
        self._end.close()


def new_future(index: int, default: Callable[[], Any]) -> Any:
    """Returns the writer and the reader of a new future of the world's type `index`. For generated code."""
    import componentize_py_runtime

    return componentize_py_runtime.future_new(index, default)
