"""The command `componentize-py`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence

from ._native import main as run


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line, `sys.argv` unless given without the program's name, and returns the exit code."""
    if arguments is None:
        arguments = sys.argv[1:]
    command = ["componentize-py", *arguments]
    if threading.current_thread() is not threading.main_thread():
        return run(command)
    # Ctrl-C ends the program at once, as it does without Python around it.
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return run(command)
    finally:
        signal.signal(signal.SIGINT, handler)
