"""Asks a web application in the Wasmtime of PyPI: pypi_web.py COMPONENT.

Requests come from standard input, `[METHOD, TARGET, HEADERS, BODY]` as JSON, one a line; answers go to standard output in the same
way, the status and the body in a string. That Wasmtime brings no way to make a request, so the resources of `wasi:http` and
`wasi:io` are Python objects here, and each import is a function of `Host`. The others are traps.
"""

import json
import os
import sys
import time
import zlib
from typing import Any, Callable, Dict, List

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, ComponentInstanceType, FuncType, Linker, Record, ResourceHost, ResourceType, Variant

# A result without a value, where an error may have none either.
OK = Variant("ok")
ALIASES = {"headers": "fields", "trailers": "fields", "io-error": "error"}


class Request:
    def __init__(self, method: str, target: str, headers: Dict[str, str], body: str) -> None:
        self.method, self.target, self.body = method, target, body.encode()
        self.headers = [(name, value.encode()) for name, value in headers.items()]


class Response:
    """What the application gives back, and the body that it writes."""

    def __init__(self, fields: List[Any]) -> None:
        self.status, self.fields, self.body, self.ended = 200, fields, b"", False


class Input:
    def __init__(self, data: bytes) -> None:
        self.data = data


class Host:
    """The functions that a component imports, by their names, and the objects behind its handles."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.objects: Dict[int, Any] = {}
        self.response: Any = None

    def own(self, name: str, value: Any) -> ResourceHost:
        rep = len(self.objects) + 1
        self.objects[rep] = value
        return ResourceHost.own(rep, kind(name))

    def value(self, argument: Any) -> Any:
        """The object of a handle; anything else as it is."""
        if not hasattr(argument, "to_host"):
            return argument
        return self.objects[argument.to_host(self.store).rep]

    def functions(self) -> Dict[str, Callable[..., Any]]:
        return {**self.of_the_program(), **self.of_streams(), **self.of_requests()}

    def of_the_program(self) -> Dict[str, Callable[..., Any]]:
        nothing: Any = lambda *_: None
        return {
            "get-environment": lambda: [],
            "get-arguments": lambda: [],
            "get-directories": lambda: [],
            "initial-cwd": nothing,
            "get-terminal-stdin": nothing,
            "get-terminal-stdout": nothing,
            "get-terminal-stderr": nothing,
            "get-stdin": lambda: self.own("input-stream", Input(b"")),
            "get-stdout": lambda: self.own("output-stream", sys.stderr.buffer),
            "get-stderr": lambda: self.own("output-stream", sys.stderr.buffer),
            "get-random-bytes": os.urandom,
            "get-random-u64": lambda: int.from_bytes(os.urandom(8), "little"),
            "insecure-seed": lambda: (1, 2),
            "monotonic-clock/now": time.monotonic_ns,
            "wall-clock/now": now,
            "subscribe-duration": lambda _: self.own("pollable", None),
            "subscribe-instant": lambda _: self.own("pollable", None),
        }

    def of_streams(self) -> Dict[str, Callable[..., Any]]:
        return {
            "[method]pollable.block": lambda _: None,
            "[method]pollable.ready": lambda _: True,
            "poll": lambda pollables: list(range(len(pollables))),
            "[method]input-stream.subscribe": lambda _: self.own("pollable", None),
            "[method]input-stream.read": read,
            "[method]input-stream.blocking-read": read,
            "[method]output-stream.subscribe": lambda _: self.own("pollable", None),
            "[method]output-stream.check-write": lambda _: 65536,
            "[method]output-stream.write": write,
            "[method]output-stream.blocking-write-and-flush": write,
            "[method]output-stream.flush": lambda _: OK,
            "[method]output-stream.blocking-flush": lambda _: OK,
        }

    def of_requests(self) -> Dict[str, Callable[..., Any]]:
        return {
            "[method]incoming-request.method": lambda request: Variant(request.method),
            "[method]incoming-request.path-with-query": lambda request: request.target,
            "[method]incoming-request.scheme": lambda _: Variant("HTTP"),
            "[method]incoming-request.authority": lambda _: "localhost",
            "[method]incoming-request.headers": lambda request: self.own("fields", request.headers),
            "[method]incoming-request.consume": lambda request: self.own("incoming-body", request),
            "[method]incoming-body.stream": lambda request: self.own("input-stream", Input(request.body)),
            "[static]fields.from-list": lambda entries: self.own("fields", [tuple(entry) for entry in entries]),
            "[method]fields.entries": lambda entries: entries,
            "[method]fields.append": lambda entries, name, value: entries.append((name, value)),
            "[constructor]outgoing-response": lambda entries: self.own("outgoing-response", Response(entries)),
            "[method]outgoing-response.set-status-code": set_status,
            "[method]outgoing-response.body": lambda response: self.own("outgoing-body", response),
            "[method]outgoing-body.write": lambda response: self.own("output-stream", response),
            "[static]outgoing-body.finish": lambda response, _: setattr(response, "ended", True),
            "[static]response-outparam.set": lambda _, response: setattr(self, "response", response),
        }


def now() -> Record:
    moment = Record()
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    vars(moment).update(seconds=seconds, nanoseconds=nanoseconds)
    return moment


def read(stream: Input, size: int) -> Any:
    data, stream.data = stream.data[:size], stream.data[size:]
    # No value is the error that says that the stream has ended.
    return data or None


def write(stream: Any, data: bytes) -> Variant:
    if isinstance(stream, Response):
        stream.body += data
    else:
        stream.write(data)
    return OK


def set_status(response: Response, status: int) -> Variant:
    response.status = status
    return OK


def kind(name: str) -> int:
    """The number of a type of resources. Most have the same name wherever they are used."""
    return zlib.crc32(ALIASES.get(name, name).encode())


def define(engine: Engine, linker: Linker, component: Component, host: Host) -> None:
    functions = host.functions()

    def caller(interface: str, name: str) -> Callable[..., Any]:
        function = functions.get(f"{interface}/{name}") or functions.get(name)

        def call(_: Any, *arguments: Any) -> Any:
            if function is None:
                raise NotImplementedError(f"{interface}/{name}")
            return function(*map(host.value, arguments))

        return call

    with linker.root() as root:
        for name, item in component.type.imports(engine).items():
            interface = item.ty
            if not isinstance(interface, ComponentInstanceType):
                continue
            with root.add_instance(name) as instance:
                for export, found in interface.exports(engine).items():
                    if isinstance(found.ty, ResourceType):
                        instance.add_resource(export, ResourceType.host(kind(export)), lambda *_: None)
                    elif isinstance(found.ty, FuncType):
                        instance.add_func(export, caller(name.partition("@")[0].rpartition("/")[2], export))


def ask(engine: Engine, component: Component, request: Request) -> None:
    store = Store(engine)
    host = Host(store)
    linker = Linker(engine)
    define(engine, linker, component, host)
    instance = linker.instantiate(store, component)
    name = next(name for name in component.type.exports(engine) if name.startswith("wasi:http/incoming-handler@"))
    handler = instance.get_export_index(store, "handle", instance.get_export_index(store, name))
    function = instance.get_func(store, handler) if handler else None
    assert function, "there is no handler"
    function(store, host.own("incoming-request", request), host.own("response-outparam", None))
    response = host.response
    assert response.ended, "the body has no end"
    print(json.dumps(f"{response.status} {response.body.decode()}"))


def main() -> None:
    engine = Engine(Config())
    component = Component.from_file(engine, sys.argv[1])
    for line in sys.stdin:
        ask(engine, component, Request(*json.loads(line)))


if __name__ == "__main__":
    main()
