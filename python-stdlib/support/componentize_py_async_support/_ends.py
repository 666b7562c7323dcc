# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The base class of the ends of streams and futures."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from componentize_py_runtime import End  # only worlds that need it have it


class EndOwner:
    """An end that is given back after a `with` block, or when nothing refers to it any more."""

    _end: End

    def __init__(self, end: End) -> None:
        """For generated code. Applications get ends from generated functions, or as arguments and results."""
        self._end = end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> bool | None:
        """Closes this end. It cannot be used any more."""
        try:
            self._end.close()
        except RuntimeError:
            # Another task is using the end. That error must not hide the one that ended the block.
            if exc_value is None:
                raise
        return None
