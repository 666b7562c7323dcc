"""The options that only `componentize` has."""

import contextlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
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

# Every option of the command line is a keyword, too.
for arguments in [["--help"], ["componentize", "--help"]]:
    text = subprocess.run([command, *arguments], check=True, capture_output=True, text=True).stdout
    offered = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", text, re.MULTILINE)) - {"help", "version"}
    assert len(offered) > 5, text
    for option in offered:
        name = option.replace("-", "_")
        assert {name, f"{name}s"} & inspect.signature(componentize).parameters.keys(), option

# The same for `install`.
text = subprocess.run([command, "install", "--help"], check=True, capture_output=True, text=True).stdout
offered = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", text, re.MULTILINE)) - {"help"}
assert {option.replace("-", "_") for option in offered} <= inspect.signature(componentize_py.install).parameters.keys()
os.mkdir("project")
Path("project/requirements.txt").write_text("this-is-not-for-wasi; sys_platform != 'wasi'\n")
componentize_py.install("project")
assert Path("project/deps").is_dir()

# Files inside the component, and its standard library.
Path("src/large.bin").write_bytes(os.urandom(100_000))
for kept, options in [(True, {}), (False, {"exclude": "*.bin"}), (True, {"exclude": ["*.bin"], "include": ["large.bin"]})]:
    componentize("app", wit_path="wit", python_path="src", output="files.wasm", tmp_size="1MiB", **options)
    assert (Path("files.wasm").read_bytes().count(Path("src/large.bin").read_bytes()) == 1) == kept, options
os.remove("src/large.bin")
componentize("app", wit_path="wit", python_path="src", output="whole.wasm", stdlib="all")
assert Path("whole.wasm").stat().st_size > 1_000_000 + Path("files.wasm").stat().st_size
# docs/how-to/files.md has the figures; zlib compresses less than what they are measured with.
whole, used = (len(zlib.compress(Path(name).read_bytes())) for name in ("whole.wasm", "files.wasm"))
assert whole - used < 4_600_000, whole - used

# Names of native functions, which make a component larger.
componentize("app", wit_path="wit", python_path="src", keep_names=True, output="named.wasm")
componentize("app", wit_path="wit", python_path="src", output="unnamed.wasm")
assert Path("named.wasm").stat().st_size > Path("unnamed.wasm").stat().st_size

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
