"""The callback hears of every stage, may end the build, and Python goes on running meanwhile."""

import threading
from pathlib import Path

from componentize_py import componentize

stages: list[str] = []
beats: dict[str, int] = {}
done = threading.Event()


def beat() -> None:
    while not done.wait(0.005):
        if stages:
            beats[stages[-1]] = beats.get(stages[-1], 0) + 1


heart = threading.Thread(target=beat)
heart.start()
assert componentize("app", wit_path="wit", world="hello", output="app.wasm", progress=stages.append) is None
done.set()
heart.join()
assert stages[0] == "looking for the app" and stages[-1] == "writing", stages
assert len(set(stages)) == len(stages) > 10, stages
# It takes far longer than that; a build that held the interpreter would stop the heart.
assert beats.get("importing the app", 0) > 5, beats
component = Path("app.wasm").read_bytes()
assert component.startswith(b"\0asm")


class Enough(Exception):
    pass


def stop(stage: str) -> None:
    heard.append(stage)
    if stage == "linking":
        raise Enough(stage)


heard: list[str] = []
before = sorted(Path().iterdir())
try:
    componentize("app", wit_path="wit", output="stopped.wasm", progress=stop)
except Enough as error:
    assert error.args == ("linking",) and error.__cause__ is None
else:
    raise AssertionError("not stopped")
assert heard[-1] == "linking" and sorted(Path().iterdir()) == before

# Nothing of it is left: the next build is as the first.
componentize("app", wit_path="wit", output="app.wasm")
assert Path("app.wasm").read_bytes() == component
