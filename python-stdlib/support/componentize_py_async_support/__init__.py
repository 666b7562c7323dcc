# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""Component Model async (WASI 0.3) for applications: `spawn`, streams and futures.

Exported `async def` functions run on an event loop of `asyncio`: tasks, timers, queues and locks work as usual, also
between calls that run at the same time. `streams` and `futures` have the classes of their two ends. The generated
module of the world has a function for each kind of stream or future that the world uses.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Runs `coroutine` concurrently with the caller, and on after the caller has returned.

    Its exceptions are printed on standard error, since nobody waits for it.
    """
    # Imported late, here and in the other modules: stubs are also imported where this module does not exist.
    import componentize_py_runtime

    if not hasattr(componentize_py_runtime, "spawn"):
        coroutine.close()
        raise RuntimeError("`spawn` needs a world with asynchronous functions, streams or futures")
    componentize_py_runtime.spawn(coroutine)
