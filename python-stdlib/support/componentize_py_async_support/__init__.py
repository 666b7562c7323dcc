"""Component Model async (WASI 0.3) for applications: `spawn`, streams and futures.

Worlds with async functions, streams or futures are refused for now when bindings are generated, so
no code can come to call what is here: these modules hold the types that applications annotate with.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Runs `coroutine` beside the caller, and on after the caller has returned."""
    coroutine.close()
    raise NotImplementedError("async worlds are not supported yet")
