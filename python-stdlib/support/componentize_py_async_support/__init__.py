# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""Component Model async (WASI 0.3) for applications: `spawn`, streams and futures.

Exported `async def` functions run on an event loop of `asyncio`: tasks, timers, queues and locks work as anywhere, also
between calls that are running at the same time. `streams` and `futures` hold the ends of the two kinds of pipes; the
generated module of the world has a function that makes each kind that the world uses.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Runs `coroutine` beside the caller, and on after the caller has returned.

    What it raises is printed on standard error, since nobody waits for it.
    """
    # Here and in the other modules: stubs are imported where there is no such module.
    import componentize_py_runtime

    if not hasattr(componentize_py_runtime, "spawn"):
        coroutine.close()
        raise RuntimeError("`spawn` needs a world with asynchronous functions, streams or futures")
    componentize_py_runtime.spawn(coroutine)
