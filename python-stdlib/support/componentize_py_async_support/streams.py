"""The two ends of a `stream<T>`; those of a `stream<u8>` read and write `bytes`.

See the package: worlds that have streams are refused for now.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Generic, Self, TypeVar

_T = TypeVar("_T")


class _End:
    """Given back to the host at the end of a `with` block."""

    def __init__(self) -> None:
        raise NotImplementedError("streams are not supported yet")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return None


class StreamReader(_End, Generic[_T]):
    """The readable end."""

    writer_dropped: bool

    async def read(self, max_count: int) -> list[_T]:
        """At least one item, unless the writer is gone."""
        raise NotImplementedError


class StreamWriter(_End, Generic[_T]):
    """The writable end."""

    reader_dropped: bool

    async def write(self, source: list[_T]) -> int:
        """Returns how many items were taken."""
        raise NotImplementedError

    async def write_all(self, source: list[_T]) -> int:
        """Writes until all is taken or the reader is gone; returns how many items were."""
        raise NotImplementedError


class ByteStreamReader(_End):
    """The readable end of a `stream<u8>`."""

    writer_dropped: bool

    async def read(self, max_count: int) -> bytes:
        """At least one byte, unless the writer is gone."""
        raise NotImplementedError


class ByteStreamWriter(_End):
    """The writable end of a `stream<u8>`."""

    reader_dropped: bool

    async def write(self, source: bytes) -> int:
        """Returns how many bytes were taken."""
        raise NotImplementedError

    async def write_all(self, source: bytes) -> int:
        """Writes until all is taken or the reader is gone; returns how many bytes were."""
        raise NotImplementedError


def new_stream(index: int) -> Any:
    """The two ends of a new stream of the type that the runtime knows by `index`, for generated code."""
    raise NotImplementedError(f"stream type {index} is not supported yet")
