"""PEP 3333 without a framework, checked by `wsgiref.validate`. `unchecked` does what the validator forbids."""

import io
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List
from wsgiref.validate import validator

Environ = Dict[str, Any]


class Closing:
    """An iterable that tells when it is closed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = iter(parts)

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        print("closed", file=sys.stderr)


def text(start: Any, body: str, status: str = "200 OK", *headers: Any) -> List[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [body.encode()]


def environment(environ: Environ, start: Any) -> List[bytes]:
    names = ["REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"]
    names += ["wsgi.url_scheme", "wsgi.version", "REMOTE_ADDR", "CONTENT_TYPE", "CONTENT_LENGTH"]
    names += sorted(name for name in environ if name.startswith("HTTP_"))
    return text(start, "\n".join(f"{name} {environ.get(name)!r}" for name in names))


def read(environ: Environ, start: Any) -> List[bytes]:
    file = environ["wsgi.input"]
    how = environ["QUERY_STRING"]
    if how == "all":
        found: Any = file.read(1 << 30)
    elif how == "lines":
        found = [file.readline(), file.readline(3), file.readlines(), file.readline(10)]
    elif how == "iterate":
        found = list(file)
    elif how == "pieces":
        found = [file.read(2), file.read(0), file.read(3), file.read(100), file.read(100)]
    elif how == "count":
        found = sum(len(piece) for piece in iter(lambda: file.read(10_000), b""))
    else:
        found = "unread"
    return text(start, repr(found))


def generated(environ: Environ, start: Any) -> Iterator[bytes]:
    yield b""
    start("201 Created", [("Content-Type", "text/plain"), ("X-Two", "a"), ("X-Two", "b")])
    yield b"one,"
    yield b""
    yield b"two"


def written(environ: Environ, start: Any) -> List[bytes]:
    write = start("200 OK", [("Content-Type", "text/plain")])
    write(b"written,")
    write(b"")
    return [b"returned"]


def restarted(environ: Environ, start: Any) -> List[bytes]:
    """Changes its mind before anything is sent."""
    start("200 OK", [("Content-Type", "text/html")])
    try:
        raise ValueError("too late?")
    except ValueError:
        start("503 Service Unavailable", [("Content-Type", "text/plain")], sys.exc_info())
    return [b"not too late"]


def restarted_late(environ: Environ, start: Any) -> Iterator[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    yield b"begun"
    try:
        raise ValueError("too late")
    except ValueError:
        start("500 Error", [("Content-Type", "text/plain")], sys.exc_info())


def large(environ: Environ, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return Closing([bytes(range(97, 123)) * 40_000, b"end"])


def file(environ: Environ, start: Any) -> Any:
    start("200 OK", [("Content-Type", "text/plain")])
    return environ["wsgi.file_wrapper"](io.BytesIO(b"of a file " * 1000), 10)


def fails(environ: Environ, start: Any) -> List[bytes]:
    print("before", file=environ["wsgi.errors"])
    raise RuntimeError("not for the client")


def fails_late(environ: Environ, start: Any) -> Iterable[bytes]:
    def parts() -> Iterator[bytes]:
        yield b"some"
        raise RuntimeError("after the head")

    start("200 OK", [("Content-Type", "text/plain")])
    return Closing(parts())


def endless(environ: Environ, start: Any) -> Iterable[bytes]:
    """Until the client leaves."""

    def parts() -> Iterator[bytes]:
        yield b"begun"
        while True:
            yield bytes(100_000)

    start("200 OK", [("Content-Type", "text/plain")])
    return Closing(parts())


checked: Dict[str, Callable[..., Any]] = {
    "/environ": environment,
    "/read": read,
    "/written": written,
    "/restarted": restarted,
    "/restarted-late": restarted_late,
    "/large": large,
    "/file": file,
    "/fails": fails,
    "/fails-late": fails_late,
    "/endless": endless,
}


def unchecked(environ: Environ, start: Any) -> Any:
    plain = ("Content-Type", "text/plain")
    match environ["PATH_INFO"].rpartition("/")[2]:
        case "generated":
            return generated(environ, start)
        case "hop":
            return text(start, "without", "200 OK", ("Connection", "close"), ("Transfer-Encoding", "chunked"), ("X-Kept", "1"))
        case "value":
            return text(start, "", "200 OK", ("X-Split", "a\r\nX-Injected: b"))
        case "latin":
            return text(start, "", "200 OK", ("X-Euro", "\u20ac"))
        case "number":
            return text(start, "", "200 OK", ("X-Number", 1))
        case "status":
            return text(start, "", "OK")
        case "twice":
            start("200 OK", [plain])
            return text(start, "again")
        case "never":
            return [b"no head"]
        case "str":
            start("200 OK", [plain])
            return ["not bytes"]
        case "nothing":
            start("200 OK", [plain])
            return []
        case "none":
            start("204 No Content", [])
            return [b"ignored"]
        case "unchanged":
            start("304 Not Modified", [("ETag", '"x"')])
            return []
        case "short":
            return text(start, "short", "200 OK", ("Content-Length", "10"))
        case "long":
            return text(start, "too long", "200 OK", ("Content-Length", "3"))
        case "sized":
            return text(start, "sized", "200 OK", ("Content-Length", "5"))
        case "signed":
            return text(start, "sized", "200 OK", ("Content-Length", "+5"))
        case "grouped":
            return text(start, "ten bytes.", "200 OK", ("Content-Length", "1_0"))
        case "lengths":
            return text(start, "sized", "200 OK", ("Content-Length", "50"), ("content-length", "5"))
        case "name":
            return text(start, "", "200 OK", ("X: y\r\nX-Injected", "b"))
        case "reason":
            return text(start, "one line", "200 OK\r\nX-Injected: b")
        case "list":
            start("200 OK", [plain])
            return [b"two ", b"parts"]
        case _:
            return None


def app(environ: Environ, start_response: Any) -> Any:
    path = environ["PATH_INFO"]
    for prefix, function in checked.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return validator(function)(environ, start_response)
    return unchecked(environ, start_response)
