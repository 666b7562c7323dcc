"""The two ends of a `future<T>`.

See the package: worlds that have futures are refused for now.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Generic, Self, TypeVar

_T = TypeVar("_T")


class _End:
    """Given back to the host at the end of a `with` block."""

    def __init__(self) -> None:
        raise NotImplementedError("futures are not supported yet")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return None


class FutureReader(_End, Generic[_T]):
    """The readable end: its value can be read once."""

    async def read(self) -> _T:
        """Waits for the value."""
        raise NotImplementedError


class FutureWriter(_End, Generic[_T]):
    """The writable end: a value can be written once; dropping the end sends the default."""

    async def write(self, value: _T) -> bool:
        """Whether the value was taken."""
        raise NotImplementedError


def new_future(index: int, default: Callable[[], Any]) -> Any:
    """The two ends of a new future of the type that the runtime knows by `index`, for generated code."""
    raise NotImplementedError(f"future type {index} with {default} is not supported yet")
