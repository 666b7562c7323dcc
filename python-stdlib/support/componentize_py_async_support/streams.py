# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The two ends of a `stream<T>`; those of a `stream<u8>` read and write `bytes`.

`<type>_stream()` of the generated world module makes a pair. Each end is closed by a `with` block, or when nothing refers
to it any more. One operation at a time runs on an end; one that is cancelled loses nothing: what a cancelled read
had received comes with the next.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from ._ends import EndOwner

_T = TypeVar("_T")


class _Reader(EndOwner):
    @property
    def writer_dropped(self) -> bool:
        """Whether the writable end is known to be closed: nothing more will come."""
        return self._end.peer_dropped


class _Writer(EndOwner):
    @property
    def reader_dropped(self) -> bool:
        """Whether the readable end is known to be closed: nothing more will be taken."""
        return self._end.peer_dropped


class StreamReader(_Reader, Generic[_T]):
    """The readable end."""

    async def read(self, max_count: int) -> list[_T]:
        """At least one item and at most `max_count`; none if the writer is gone."""
        items: list[_T] = await self._end.read(max_count)
        return items


class StreamWriter(_Writer, Generic[_T]):
    """The writable end."""

    async def write(self, source: list[_T]) -> int:
        """Waits until some are taken, and returns how many; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    async def write_all(self, source: list[_T]) -> int:
        """Writes until all are taken or the reader is gone; returns how many were."""
        total = 0
        while total < len(source) and not self.reader_dropped:
            total += await self.write(source[total:] if total else source)
        return total


class ByteStreamReader(_Reader):
    """The readable end of a `stream<u8>`."""

    async def read(self, max_count: int) -> bytes:
        """At least one byte and at most `max_count`; none if the writer is gone."""
        data: bytes = await self._end.read(max_count)
        return data


class ByteStreamWriter(_Writer):
    """The writable end of a `stream<u8>`."""

    async def write(self, source: bytes) -> int:
        """Waits until some bytes are taken, and returns how many; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    async def write_all(self, source: bytes) -> int:
        """Writes until all are taken or the reader is gone; returns how many bytes were."""
        view = memoryview(source)
        total = 0
        while total < len(source) and not self.reader_dropped:
            total += await self.write(view[total:] if total else source)  # type: ignore[arg-type]
        return total


def new_stream(index: int) -> Any:
    """For generated code: the writer and the reader of a new stream of the world's type `index`."""
    import componentize_py_runtime

    return componentize_py_runtime.stream_new(index)
