"""Types that generated code and applications share.

`Some` appears only if an `option` holds another `option`, and `Result` only if a `result` is a
value. A function whose return type is a `result` returns the payload or raises `Err`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union, cast, runtime_checkable

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from reprlib import recursive_repr

    class _Late:
        """An attribute of a dataclass that `dataclasses` makes on demand."""

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            import dataclasses

            owner = owner or type(instance)
            made = dataclasses.make_dataclass(owner.__name__, [("value", owner.__annotations__["value"])])
            return getattr(made, self.name)

    def dataclass(cls):
        """Does the work of `dataclasses.dataclass` for the one field `value`. Importing that module would take as long
        as everything else here, and as much memory, in every component."""

        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            if self is other:
                return True
            if other.__class__ is not self.__class__:
                return NotImplemented
            return self.value == other.value

        def __repr__(self):
            return f"{self.__class__.__qualname__}(value={self.value!r})"

        def __replace__(self, /, **changes):
            return type(self)(**{"value": self.value, **changes})

        for function in (__init__, __eq__, recursive_repr()(__repr__), __replace__):
            function.__qualname__ = f"{cls.__qualname__}.{function.__name__}"
            setattr(cls, function.__name__, function)
        cls.__hash__ = None
        cls.__match_args__ = ("value",)
        for name in ("__dataclass_fields__", "__dataclass_params__"):
            late = _Late()
            late.__set_name__(cls, name)
            setattr(cls, name, late)
        return cls


_S = TypeVar("_S")
_T = TypeVar("_T")
# Strict checkers then know the payload in `except Err as error`. Older Pythons read stubs only.
if sys.version_info >= (3, 13):
    _E = TypeVar("_E", default=Any)
else:
    _E = TypeVar("_E")


@runtime_checkable
class Buffer(Protocol):
    """An object with the buffer protocol (`array`, `memoryview`, a NumPy array); accepted as a list of numbers.

    This is `collections.abc.Buffer`, which older Pythons lack.
    """

    def __buffer__(self, flags: int, /) -> memoryview: ...


@dataclass
class Some(Generic[_S]):
    """An `option` that has a value. It tells an inner `None` from an outer one."""

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
        # A type checker of 2024 does not narrow by comparing types.
        return bool(self.value == cast("Err[object]", other).value)

    # Exceptions have to be hashable, but the payload need not be.
    def __hash__(self) -> int:
        return hash(Err)


Result = Union[Ok[_T], Err[_E]]
"""A `result` as a value: `Ok` or `Err`, for `match` and `isinstance`."""
