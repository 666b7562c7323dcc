# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""What the ends of streams and futures have in common."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from componentize_py_runtime import End  # only worlds that need it have it


class EndOwner:
    """Given back to the host at the end of a `with` block, or when nothing refers to it any more."""

    _end: End

    def __init__(self, end: End) -> None:
        """For generated code: applications get ends from it, or as arguments and results."""
        self._end = end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> bool | None:
        """Closes this end: it cannot be used any more."""
        try:
            self._end.close()
        except RuntimeError:
            # In use by another task: that must not hide why the block is left.
            if exc_value is None:
                raise
        return None
