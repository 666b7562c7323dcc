# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The two ends of a `stream<T>`; those of a `stream<u8>` read and write `bytes`.

`<type>_stream()` of the generated world module makes a pair. Each end closes after a `with` block, or when nothing
refers to it any more. An end runs one operation at a time. A cancelled operation loses nothing: the items that a
cancelled read had received come with the next read.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from componentize_py_types import Buffer

from ._ends import EndOwner

_T = TypeVar("_T")
# `int` and `bool` are included.
_Number = TypeVar("_Number", bound=float)


class _Reader(EndOwner):
    @property
    def writer_dropped(self) -> bool:
        """`True` once the writable end is known to be closed: no more items will come."""
        return self._end.peer_dropped


class _Writer(EndOwner):
    @property
    def reader_dropped(self) -> bool:
        """`True` once the readable end is known to be closed: no more items will be taken."""
        return self._end.peer_dropped

    async def _write_all(self, source: Any) -> int:
        # Slices of a view copy nothing. The first write passes the source itself, since `bytes` are lent.
        items = memoryview(source) if isinstance(source, Buffer) else source
        total = 0
        while total < len(items) and not self.reader_dropped:
            count: int = await self._end.write(items[total:] if total else source)
            total += count
        return total


class StreamReader(_Reader, Generic[_T]):
    """The readable end."""

    async def read(self, max_count: int) -> list[_T]:
        """Returns at least one item and at most `max_count`, or none if the writer is gone."""
        items: list[_T] = await self._end.read(max_count)
        return items


class StreamWriter(_Writer, Generic[_T]):
    """The writable end."""

    @overload
    async def write(self, source: list[_T]) -> int: ...
    @overload
    async def write(self: StreamWriter[_Number], source: Buffer) -> int: ...
    async def write(self, source: list[_T] | Buffer) -> int:
        """Waits until some items are taken, and returns their number; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    @overload
    async def write_all(self, source: list[_T]) -> int: ...
    @overload
    async def write_all(self: StreamWriter[_Number], source: Buffer) -> int: ...
    async def write_all(self, source: list[_T] | Buffer) -> int:
        """Writes until all items are taken or the reader is gone. Returns the number of items taken."""
        return await self._write_all(source)


class ByteStreamReader(_Reader):
    """The readable end of a `stream<u8>`."""

    async def read(self, max_count: int) -> bytes:
        """Returns at least one byte and at most `max_count`, or none if the writer is gone."""
        data: bytes = await self._end.read(max_count)
        return data


class ByteStreamWriter(_Writer):
    """The writable end of a `stream<u8>`."""

    async def write(self, source: Buffer) -> int:
        """Waits until some bytes are taken, and returns their number; 0 if the reader is gone."""
        count: int = await self._end.write(source)
        return count

    async def write_all(self, source: Buffer) -> int:
        """Writes until all bytes are taken or the reader is gone. Returns the number of bytes taken."""
        return await self._write_all(source)


def new_stream(index: int) -> Any:
    """Returns the writer and the reader of a new stream of the world's type `index`. For generated code."""
    import componentize_py_runtime

    return componentize_py_runtime.stream_new(index)
