"""Ctrl-C ends a build, also while the app's own code runs and does not end by itself."""

import os
import signal
import threading
from pathlib import Path

from componentize_py import componentize

Path("endless.py").write_text("while True:\n    pass\n")
# A shell that has put the tests into the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupt(stage: str) -> None:
    if stage == "importing the app":
        # Whether it comes before or after the loop has begun, it must end.
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()


try:
    componentize("endless", wit_path="wit", output="endless.wasm", progress=interrupt)
except KeyboardInterrupt:
    pass
else:
    raise AssertionError("not interrupted")
assert not Path("endless.wasm").exists()


def alarm(number: int, frame: object) -> None:
    raise TimeoutError(number)


# Any handler that raises does, without a callback too.
signal.signal(signal.SIGALRM, alarm)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    componentize("endless", wit_path="wit", output="endless.wasm")
except TimeoutError as error:
    assert error.args == (signal.SIGALRM,)
else:
    raise AssertionError("not interrupted")
