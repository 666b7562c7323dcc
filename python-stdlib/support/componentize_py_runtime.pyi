"""What generated code calls to reach the host. The module exists only inside a component.

Applications call the generated functions and classes instead.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

# The caller knows the result's type from the annotation of the generated function.
_R = TypeVar("_R")

def call_import(index: int, /, *arguments: object) -> _R:  # type: ignore[type-var]
    """Calls the import with this index; the error case of a `result` is raised as `Err`."""

def resource_drop(resource: object, /) -> None:
    """Gives an imported resource back to the host; doing so again does nothing."""

def live() -> dict[str, int]:
    """What is still to be freed or dropped, so that a test can tell a leak.

    `lifted` and `lowered` are bytes of values from and to the host, `handles` are resources owned or borrowed. Within
    an exported function, its own arguments may count.
    """

class Handle:
    """What an object of an imported class holds: one resource of the host's, ours until it is dropped or given away."""

class End:
    """One end of a stream or future; in worlds that have any."""

    @property
    def peer_dropped(self) -> bool: ...
    def read(self, limit: int, /) -> Awaitable[Any]: ...
    def write(self, value: object, /) -> Awaitable[Any]: ...
    def close(self) -> None: ...

# In worlds that have error contexts: the indices of their functions.
ERROR_CONTEXT_NEW: int
ERROR_CONTEXT_DEBUG_MESSAGE: int

def stream_new(index: int, /) -> Any: ...
def future_new(index: int, default: Callable[[], Any], /) -> Any: ...
def spawn(coroutine: Coroutine[Any, Any, Any]) -> None: ...
