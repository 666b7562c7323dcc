"""The options that only `componentize` has."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import componentize_py
from componentize_py import componentize

os.mkdir("src")
os.rename("app.py", "src/app.py")
Path("src/with_clock.py").write_text("import time\n\nnow = time.time()\n\n" + Path("src/app.py").read_text())

# Where the app is looked for, a world that is kept, and no WASI.
componentize(
    "with_clock",
    wit_path=Path("wit"),
    world="example:hello/hello",
    intersect_world="hello",
    python_path=["missing", Path("src")],
    stub_wasi=True,
    output=Path("new/stubbed.wasm"),
)
command = Path(sys.executable).with_name("componentize-py")
line = "-q -d wit componentize with_clock -i hello -p src --stub-wasi -o command.wasm"
subprocess.run([command, *line.split()], check=True)
assert Path("new/stubbed.wasm").read_bytes() == Path("command.wasm").read_bytes()
try:
    componentize("with_clock", wit_path="wit")
except componentize_py.AppError as error:
    assert "not found in `.`" in str(error), error
else:
    raise AssertionError("found")


@contextlib.contextmanager
def captured() -> Iterator[list[str]]:
    """What is written to the descriptors of stdout and stderr."""
    texts: list[str] = []
    with tempfile.TemporaryFile() as file:
        saved = [os.dup(1), os.dup(2)]
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            yield texts
        finally:
            for descriptor, copy in zip((1, 2), saved):
                os.dup2(copy, descriptor)
                os.close(copy)
            file.seek(0)
            texts.append(file.read().decode())


for options, expected in [
    ({}, ""),
    ({"quiet": False}, "Component built successfully\n"),
]:
    with captured() as texts:
        componentize("with_clock", wit_path="wit", python_path="src", output="app.wasm", **options)  # type: ignore[arg-type]
    assert texts == [expected], texts
with captured() as texts:
    componentize("with_clock", wit_path="wit", python_path="src", output="app.wasm", verbose=True)
assert "ms  importing the app" in texts[0], texts

# A report is printed in any case.
with captured() as texts:
    componentize("with_clock", wit_path="wit", python_path="src", output="app.wasm", report="json")
assert json.loads(texts[0])["total"] == os.path.getsize("app.wasm"), texts
