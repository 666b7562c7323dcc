"""Types that generated code and applications share.

`Some` appears only where an `option` holds another `option`, and `Result` only where a `result` is
a value; a function whose return type is a `result` returns the payload or raises `Err`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, Union, runtime_checkable

_S = TypeVar("_S")
_T = TypeVar("_T")
# So that the payload in `except Err as error` is not unknown to strict checkers. Older Pythons read stubs only.
if sys.version_info >= (3, 13):
    _E = TypeVar("_E", default=Any)
else:
    _E = TypeVar("_E")


@runtime_checkable
class Buffer(Protocol):
    """An object with the buffer protocol, such as `array`, `memoryview` or a NumPy array: it will do for a list of numbers.

    The same as `collections.abc.Buffer`, which older Pythons lack.
    """

    def __buffer__(self, flags: int, /) -> memoryview: ...


@dataclass
class Some(Generic[_S]):
    """An `option` that is there, so that `None` can stand for the inner or the outer one alone."""

    value: _S


@dataclass
class Ok(Generic[_T]):
    """A `result` that succeeded."""

    value: _T


class Err(Exception, Generic[_E]):
    """A `result` that failed: a value like any other, and an exception to raise and to catch."""

    value: _E
    __match_args__ = ("value",)

    def __init__(self, value: _E) -> None:
        super().__init__(value)
        self.value = value

    def __repr__(self) -> str:
        return f"Err(value={self.value!r})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self.value == other.value)

    # As an exception it has to be hashable, and its payload need not be.
    def __hash__(self) -> int:
        return hash(Err)


Result = Union[Ok[_T], Err[_E]]
"""A `result` as a value: `Ok` or `Err`, for `match` and `isinstance`."""
