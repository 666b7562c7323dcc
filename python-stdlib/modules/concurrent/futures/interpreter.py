"""`InterpreterPoolExecutor` for a component, which has one interpreter: a call runs at once, as with `ThreadPoolExecutor`.

The arguments are passed as they are, so a function sees and changes the caller's objects and modules.
"""

from concurrent.futures import thread as _thread


class BrokenInterpreterPool(_thread.BrokenThreadPool):
    """Raised when the initializer failed."""


class InterpreterPoolExecutor(_thread.ThreadPoolExecutor):
    """Runs calls at once, in the only interpreter that there is."""

    BROKEN = BrokenInterpreterPool

    def __init__(self, max_workers=None, thread_name_prefix="", initializer=None, initargs=()):
        super().__init__(max_workers, thread_name_prefix or "InterpreterPoolExecutor", initializer, initargs)
