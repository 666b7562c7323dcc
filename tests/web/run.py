"""Serves unchanged web applications and compares the answers: `run.py TOOL [TEXT]` runs the cases with TEXT in their names.

A case is a directory with `main.py`, which has the application `app`, and

- `requirements.txt`: packages with versions, which pip installs once into the user's cache; `wheels` names those of which PyPI's
  wheels for Emscripten take precedence.
- `entry` (optional): arguments of `componentize_py_web.application` in place of `"main:app"`. Of several lines, each must lead to
  the same answers, and both worlds must.
- `shared` (optional): files of this directory that lie beside `main.py`.
- `serve` (optional): options of `serve`, where SCRATCH is a directory that is empty at the start.
- `requests.txt`: a request on each line, `METHOD TARGET [-H HEADER]... [-d TEXT | -F NAME=VALUE | -F NAME=@FILE]...
  [--size BYTES] [--chunked]`. Cookies are kept, as in a browser. `ECHO TARGET PIECE...` sends each piece when the one before
  it has come back. `--until TEXT` closes the connection as soon as the body has it; `--log LINE` then waits for that line only.
- `expected/answers.txt`: what each led to, which `BLESS=1` writes.
- `long` (optional): the reason why only LONG_TESTS=1, or its name, runs it.
"""

import argparse
import difflib
import hashlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORLDS = {"0.2": "wasi:http/proxy@0.2.12", "0.3": "wasi:http/service@0.3.0"}
# The cases that the ordinary suite runs with both.
BY_BOTH_WORLDS = ("asgi", "flask", "lifespan-instance", "together", "wsgi")
EMSCRIPTEN = ["--platform", "pyemscripten_2026_0_wasm32"]
ENTRY = """from componentize_py_web import application

IncomingHandler = Handler = application({})
"""
BOUNDARY = "the-boundary"
# The files of a component are of 1980.
HTTP_DATE = re.compile(r"\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT")
# A slow machine may take this long for a start or an answer.
PATIENCE = 120


def lines(path: Path) -> List[str]:
    text = path.read_text() if path.exists() else ""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def cache() -> Path:
    base = os.environ.get("COMPONENTIZE_PY_CACHE") or os.path.expanduser("~/.cache/componentize-py")
    return Path(base) / "tests"


def packages(case: Path) -> List[Path]:
    """The directories of the packages that a case needs, those of its wheels first."""
    found: List[Path] = []
    for name, options in (("wheels", EMSCRIPTEN), ("requirements.txt", [])):
        wanted = lines(case / name)
        if wanted:
            found.append(made([*wanted, *options], lambda target: install(target, case / name, options)))
    return found


def made(key: List[str], make: Any) -> Path:
    """A directory that is made once. It gets its name when it is whole."""
    directory = cache() / f"web-{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}"
    if not directory.exists():
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as temporary:
            target = Path(temporary) / "packages"
            make(target)
            try:
                target.rename(directory)
            except OSError:
                assert directory.exists()  # another process was faster
    return directory


def install(target: Path, requirements: Path, options: List[str]) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    # For the guest's Python, which need not be this one.
    fixed = ["--no-deps", "--only-binary=:all:", "--python-version", "3.14", *options]
    pip = [sys.executable, "-m", "pip", "install", *quiet, *fixed, "--target", str(target), "-r", str(requirements)]
    subprocess.run(pip, check=True)


def componentize(tool: str, case: Path, version: str, arguments: str, directory: Path) -> Path:
    entry = directory / "entry"
    entry.mkdir()
    (entry / "componentized.py").write_text(ENTRY.format(arguments))
    app = directory / "app"
    ignored = shutil.ignore_patterns("expected", "requests.txt", "__pycache__")
    shutil.copytree(case, app, ignore=ignored)
    for name in lines(case / "shared"):
        shutil.copy(HERE / name, app)
    component = directory / "app.wasm"
    path = [entry, app, *packages(case)]
    line = [tool, "-q", "-d", str(ROOT / f"wit/wasi-{version}"), "-w", WORLDS[version], "componentize", "componentized"]
    for one in path:
        line += ["-p", str(one)]
    subprocess.run([*line, "-o", str(component)], check=True)
    return component


class Server:
    """`componentize-py serve`, and what it has printed for each request."""

    def __init__(self, tool: str, component: Path, options: List[str]) -> None:
        line = [tool, "serve", "--addr", "127.0.0.1:0", *options, str(component)]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.log: Dict[int, List[str]] = {}
        self.heard = threading.Condition()
        assert self.process.stderr is not None
        first = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", first)
        assert found, first
        self.port = int(found[1])
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        threading.Thread(target=self._drain, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            found = re.match(r"\[(\d+)\] (.*)", line.rstrip("\n"))
            if found:
                with self.heard:
                    self.log.setdefault(int(found[1]), []).append(found[2])
                    self.heard.notify_all()

    def _drain(self) -> None:
        for line in self.process.stdout or ():
            print("stdout:", line, end="")

    def wait_for(self, number: int, line: str) -> None:
        with self.heard:
            there = self.heard.wait_for(lambda: line in self.log.get(number, ()), PATIENCE)
        assert there, f"request {number} does not print `{line}`: {self.log.get(number)}"

    def log_of(self, number: int) -> List[str]:
        """What the application printed, once the server has ended. A traceback is shown by its last line."""
        printed = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+", "TIME", line) for line in self.log.get(number, ())]
        hidden = re.compile(r"$|\s|Traceback \(most recent|[A-Z]+ \S+ (\d+|-) \d+ [\d.]+ m?s")
        return [f"log: {line}" for line in printed if not hidden.match(line)]

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, "the server did not end well"
        self.reader.join()


class BrokenOff(Exception):
    """A response that is not whole. Whether its head arrives depends on who is faster."""


class Connection:
    """One HTTP/1.1 connection, read byte by byte as it comes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, method: str, target: str, headers: List[Tuple[str, str]]) -> None:
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.socket.sendall(head.encode("latin-1") + b"\r\n")

    def chunk(self, data: bytes) -> None:
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def head(self) -> Tuple[str, List[Tuple[str, str]]]:
        first = self.file.readline().decode()
        if not first:
            raise BrokenOff
        status = first.split(" ", 2)[1]
        headers = []
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name, value.strip()))
        return status, headers

    def body(self, method: str, status: str, headers: Dict[str, str]) -> Iterator[bytes]:
        """The pieces of the body as they come."""
        if method == "HEAD" or status in ("204", "304"):
            return
        if "content-length" in headers:
            data = self.file.read(int(headers["content-length"]))
            yield data
            if len(data) < int(headers["content-length"]):
                raise BrokenOff
            return
        while size := self.file.readline().strip():
            data = self.file.read(int(size, 16) + 2)[:-2]
            if not int(size, 16):
                return
            yield data
        raise BrokenOff


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("method")
    made.add_argument("target")
    made.add_argument("pieces", nargs="*")
    made.add_argument("-H", action="append", default=[])
    made.add_argument("-d")
    made.add_argument("-F", action="append", default=[])
    made.add_argument("--size", type=int)
    made.add_argument("--until")
    made.add_argument("--log")
    made.add_argument("--chunked", action="store_true")
    return made


def form(fields: List[str], case: Path) -> bytes:
    data = b""
    for field in fields:
        name, _, value = field.partition("=")
        extra, content = "", value.encode()
        if value.startswith("@"):
            extra, content = f'; filename="{value[1:]}"\r\ncontent-type: text/plain', (case / value[1:]).read_bytes()
        data += f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content + b"\r\n"
    return data + f"--{BOUNDARY}--\r\n".encode()


def ask(server: Server, options: argparse.Namespace, case: Path, cookies: Dict[str, str]) -> List[str]:
    headers = [(name, value) for name, _, value in (text.partition(": ") for text in options.H)]
    if "host" not in dict(headers):
        headers.insert(0, ("host", "localhost:8080"))
    if cookies:
        headers.append(("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
    body = options.d.replace("\\n", "\n").encode() if options.d is not None else None
    if options.F:
        body = form(options.F, case)
        headers.append(("content-type", f"multipart/form-data; boundary={BOUNDARY}"))
    if options.size is not None:
        body = bytes(ord("a") + n % 26 for n in range(26)) * (options.size // 26 + 1)
        body = body[: options.size]
    connection = Connection(server.port)
    if options.method == "ECHO":
        return echo(connection, options.target, options.pieces, headers)
    sender = None
    if options.chunked:
        connection.send(options.method, options.target, [*headers, ("transfer-encoding", "chunked")])
        sender = threading.Thread(target=send_chunks, args=(connection, body or b""))
    elif body is not None:
        connection.send(options.method, options.target, [*headers, ("content-length", str(len(body)))])
        # The answer may come before all is sent.
        sender = threading.Thread(target=send_all, args=(connection, body))
    else:
        connection.send(options.method, options.target, headers)
    if sender:
        sender.start()
    shown = receive(connection, options, cookies)
    connection.file.close()
    connection.socket.close()
    if sender:
        sender.join()
    return shown


def send_all(connection: Connection, body: bytes) -> None:
    try:
        connection.socket.sendall(body)
    except OSError:
        pass  # the server does not want it


def send_chunks(connection: Connection, body: bytes) -> None:
    for start in range(0, len(body), 10_000):
        connection.chunk(body[start : start + 10_000])
    connection.socket.sendall(b"0\r\n\r\n")


def receive(connection: Connection, options: argparse.Namespace, cookies: Dict[str, str]) -> List[str]:
    status, headers = connection.head()
    shown = [status]
    for name, value in headers:
        if name == "set-cookie":
            name_of_it, _, rest = value.partition("=")
            cookies[name_of_it], _, attributes = rest.partition(";")
            value = f"{name_of_it}=...;{attributes}"
        if name == "allow":
            value = ", ".join(sorted(value.split(", ")))  # frameworks have sets of them
        if name not in ("connection", "date", "transfer-encoding"):
            shown.append(f"{name}: {re.sub(HTTP_DATE, 'DATE', value)}")
    body = b""
    for piece in connection.body(options.method, status, dict(headers)):
        body += piece
        if options.until and options.until.encode() in body:
            body = options.until.encode() + b" has come"
            break
    text = body.decode("utf-8", "backslashreplace")
    if len(text) > 2000:
        text = f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}"
    return shown + [f"| {line}" for line in text.splitlines()]


def echo(connection: Connection, target: str, pieces: List[str], headers: List[Tuple[str, str]]) -> List[str]:
    connection.send("POST", target, [*headers, ("transfer-encoding", "chunked")])
    connection.chunk(pieces[0].encode())
    status, answered = connection.head()
    shown = [status]
    body = connection.body("POST", status, dict(answered))
    for number, piece in enumerate(pieces):
        if number:
            connection.chunk(piece.encode())
        back = b""
        while len(back) < len(piece):
            back += next(body)
        shown.append(f"| {back.decode()}")
    connection.socket.sendall(b"0\r\n\r\n")
    return shown + [f"| {rest.decode()}" for rest in body]


def answers(tool: str, case: Path, version: str, arguments: str) -> str:
    requests = lines(case / "requests.txt")
    with tempfile.TemporaryDirectory() as directory:
        component = componentize(tool, case, version, arguments, Path(directory))
        scratch = Path(directory) / "scratch"
        scratch.mkdir()
        options = shlex.split(" ".join(lines(case / "serve")).replace("SCRATCH", str(scratch)))
        server = Server(tool, component, options)
        cookies: Dict[str, str] = {}
        shown: List[List[str]] = []
        for number, line in enumerate(requests, 1):
            request = parser().parse_intermixed_args(shlex.split(line))
            try:
                shown.append(ask(server, request, case, cookies))
                if request.log:
                    server.wait_for(number, request.log)
            except BrokenOff:
                shown.append(["broken off"])
            except (AssertionError, OSError, LookupError, StopIteration) as error:
                raise AssertionError(f"{case.name} {version}, `{line}`: {server.log.get(number)}") from error
        server.stop()
    text = ""
    for number, line in enumerate(requests, 1):
        found = shown[number - 1] + ([] if "--log" in line else server.log_of(number))
        text += f"{line}\n" + "".join(f"  {one}".rstrip() + "\n" for one in found)
    return text


def run(tool: str, case: Path, version: str, arguments: str, bless: bool) -> bool:
    found = answers(tool, case, version, arguments)
    expected = case / "expected/answers.txt"
    if bless:
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(found)
    wanted = expected.read_text() if expected.exists() else ""
    print(f"{'ok' if found == wanted else 'FAILED'} {case.name} {version} {arguments}", flush=True)
    sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), found.splitlines(True), "expected", "found"))
    return found == wanted


def main() -> None:
    tool, text = sys.argv[1], (sys.argv[2:] or [""])[0]
    whole = bool(text) or "LONG_TESTS" in os.environ
    failed = ran = 0
    for case in sorted(path.parent for path in HERE.glob("*/requests.txt")):
        if (case / "long").exists() and not whole:
            continue
        bless = bool(os.environ.get("BLESS"))
        for version in WORLDS if whole or case.name in BY_BOTH_WORLDS else ["0.2"]:
            for arguments in lines(case / "entry") or ['"main:app"']:
                if text in f"{case.name}/{version}":
                    ran += 1
                    failed += not run(tool, case, version, arguments, bless)
                    # The others have to do the same.
                    bless = False
    assert ran, f"no case has `{text}` in its name"
    if failed:
        raise SystemExit(f"{failed} of {ran} failed; BLESS=1 writes what is expected")
    print(f"{ran} passed")


if __name__ == "__main__":
    main()
