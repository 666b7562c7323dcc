"""`ProcessPoolExecutor` for a component, which has one process: a call runs at once, as with `ThreadPoolExecutor`.

The arguments are passed as they are, so a function sees and changes the caller's objects and modules.
"""

import os

from concurrent.futures import _base
from concurrent.futures.thread import ThreadPoolExecutor

EXTRA_QUEUED_CALLS = 1


def _check_system_limits():
    """Says that there are no processes to those who ask before they choose how many to use, as `compileall` does."""
    raise NotImplementedError("a component cannot start processes")


class BrokenProcessPool(_base.BrokenExecutor):
    """Raised when the initializer failed."""


class ProcessPoolExecutor(ThreadPoolExecutor):
    """Runs calls at once, in the only process that there is."""

    BROKEN = BrokenProcessPool

    def __init__(self, max_workers=None, mp_context=None, initializer=None, initargs=(), *, max_tasks_per_child=None):
        if max_tasks_per_child is not None:
            if not isinstance(max_tasks_per_child, int):
                raise TypeError("max_tasks_per_child must be an integer")
            if max_tasks_per_child <= 0:
                raise ValueError("max_tasks_per_child must be >= 1")
        super().__init__(max_workers or os.process_cpu_count(), "ProcessPoolExecutor", initializer, initargs)

    def map(self, fn, *iterables, timeout=None, chunksize=1, buffersize=None):
        if chunksize < 1:
            raise ValueError("chunksize must be >= 1.")
        return super().map(fn, *iterables, timeout=timeout, buffersize=buffersize)

    def terminate_workers(self):
        """There are none: what was submitted has run."""
        self.shutdown(wait=False, cancel_futures=True)

    kill_workers = terminate_workers
