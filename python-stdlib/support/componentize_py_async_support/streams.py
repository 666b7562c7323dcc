# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The two ends of a `stream<T>`; those of a `stream<u8>` read and write `bytes`.

`<type>_stream()` of the generated world module makes a pair. Each end is closed by a `with` block, or when nothing refers
to it any more. One operation at a time runs on an end; one that is cancelled loses nothing: what a cancelled read
had received comes with the next.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from componentize_py_types import Buffer

from ._ends import EndOwner

_T = TypeVar("_T")
# `int` and `bool` count as such, too.
_Number = TypeVar("_Number", bound=float)


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

    async def _write_all(self, source: Any) -> int:
        # Slices of a view copy nothing; all of it goes as it is, since `bytes` are lent.
        items = memoryview(source) if isinstance(source, Buffer) else source
        total = 0
        while total < len(items) and not self.reader_dropped:
            count: int = await self._end.write(items[total:] if total else source)
            total += count
        return total


class StreamReader(_Reader, Generic[_T]):
    """The readable end."""

    async def read(self, max_count: int) -> list[_T]:
        """At least one item and at most `max_count`; none if the writer is gone."""
        items: list[_T] = await self._end.read(max_count)
        return items


class StreamWriter(_Writer, Generic[_T]):
    """The writable end."""

    @overload
    async def write(self, source: list[_T]) -> int: ...
    @overload
    async def write(self: StreamWriter[_Number], source: Buffer) -> int: ...
    async def write(self, source: list[_T] | Buffer) -> int:
        """Waits until some are taken, and returns how many; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    @overload
    async def write_all(self, source: list[_T]) -> int: ...
    @overload
    async def write_all(self: StreamWriter[_Number], source: Buffer) -> int: ...
    async def write_all(self, source: list[_T] | Buffer) -> int:
        """Writes until all are taken or the reader is gone; returns how many were."""
        return await self._write_all(source)


class ByteStreamReader(_Reader):
    """The readable end of a `stream<u8>`."""

    async def read(self, max_count: int) -> bytes:
        """At least one byte and at most `max_count`; none if the writer is gone."""
        data: bytes = await self._end.read(max_count)
        return data


class ByteStreamWriter(_Writer):
    """The writable end of a `stream<u8>`."""

    async def write(self, source: Buffer) -> int:
        """Waits until some bytes are taken, and returns how many; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    async def write_all(self, source: Buffer) -> int:
        """Writes until all are taken or the reader is gone; returns how many bytes were."""
        return await self._write_all(source)


def new_stream(index: int) -> Any:
    """For generated code: the writer and the reader of a new stream of the world's type `index`."""
    import componentize_py_runtime

    return componentize_py_runtime.stream_new(index)
