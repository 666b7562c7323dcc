"""The `environ` of a WSGI application: the head of a request as text, and its body as a file."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from componentize_py_types import Err

from ._errors import ClientDisconnected
from ._world import World, split_authority

Environ = dict[str, Any]

READ_SIZE = 64 * 1024


class Input:
    """`wsgi.input`. Most requests have no body, so that all of it is made at the first use."""

    __slots__ = ("_body", "_request", "_made")

    def __init__(self, body: Callable[[Any], Body], request: Any) -> None:
        self._body = body
        self._request = request
        self._made: io.BufferedReader | None = None

    def _reader(self) -> io.BufferedReader:
        if self._made is None:
            self._made = io.BufferedReader(self._body(self._request), READ_SIZE)
            self._request = None
        return self._made

    def read(self, size: int | None = -1, /) -> bytes:
        reader = self._reader()
        if size is None or size <= READ_SIZE:
            return reader.read(-1 if size is None else size)
        # Room is made for what comes, however much a client has announced.
        parts: list[bytes] = []
        while size and (part := reader.read(min(size, READ_SIZE))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._reader().readline(-1 if size is None else size)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        return self._reader().readlines(-1 if hint is None else hint)

    def __iter__(self) -> io.BufferedReader:
        return self._reader()

    def __getattr__(self, name: str) -> Any:
        # `read1`, `readinto`, `readable` and others that files have.
        return getattr(self._reader(), name)


class Body(io.RawIOBase):
    """The request's body."""

    def readable(self) -> bool:
        return True

    def receive(self, size: int) -> bytes:
        """At least one byte and at most `size`, as soon as they are there; nothing at the end."""
        raise NotImplementedError

    def readinto(self, buffer: Any, /) -> int:
        data = self.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.receive(READ_SIZE), b""))


class Body2(Body):
    """The request's body in `wasi:http` 0.2."""

    def __init__(self, request: Any) -> None:
        # The body has to outlive its stream.
        self._body: Any = request.consume()
        self._stream: Any = self._body.stream()

    def receive(self, size: int) -> bytes:
        if self._stream is None:
            return b""
        try:
            data: bytes = self._stream.blocking_read(size)
            while not data and size:
                data = self._stream.blocking_read(size)
        except Err as error:
            self._stream = self._body = None
            if type(error.value).__name__ == "StreamError_Closed":
                return b""
            raise ClientDisconnected("the client has left before the end of its request") from None
        return data


class FileWrapper:
    """`wsgi.file_wrapper`: a file as an iterable of blocks."""

    def __init__(self, filelike: Any, block_size: int = READ_SIZE) -> None:
        # The size is a suggestion, and calls of the host are better large.
        self._block_size = max(block_size, READ_SIZE)
        self._read = filelike.read
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        block: bytes = self._read(self._block_size)
        if not block:
            raise StopIteration
        return block


class Environment:
    """Makes the `environ` of each request."""

    def __init__(self, world: World) -> None:
        self.methods = world.methods
        self.schemes = world.schemes
        common = ("accept", "accept-encoding", "accept-language", "authorization", "cache-control", "cookie", "host")
        more = ("if-modified-since", "if-none-match", "origin", "range", "referer", "user-agent", "x-forwarded-for")
        self.keys = {name: key_of(name) for name in (*common, *more)}
        self.keys |= {"content-length": "CONTENT_LENGTH", "content-type": "CONTENT_TYPE"}
        self.constant = {
            "SCRIPT_NAME": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            # The host does not tell who the client is, and headers about it can be forged. Frameworks expect the key.
            "REMOTE_ADDR": "",
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            # Other instances answer other requests at the same time.
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            # The input ends where the body does, whether or not its length is known.
            "wsgi.input_terminated": True,
            "wsgi.file_wrapper": FileWrapper,
        }

    def make(
        self, method: Any, target: str | None, scheme: Any, authority: str | None, headers: list[tuple[str, bytes]]
    ) -> Environ:
        environ: Environ = self.constant.copy()
        environ["REQUEST_METHOD"] = self.methods.get(method.__class__) or method.value
        path, _, environ["QUERY_STRING"] = (target or "/").partition("?")
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
        environ["wsgi.url_scheme"] = url_scheme = self.schemes.get(scheme.__class__, "http")
        environ["wsgi.errors"] = sys.stderr
        keys = self.keys
        for name, value in headers:
            key = keys.get(name) or self.other_key(name)
            if key in environ:
                join(environ, key, value)
            elif key:
                environ[key] = value.decode("latin-1")
        if authority is not None:
            environ.setdefault("HTTP_HOST", authority)
        server: str = authority or environ.get("HTTP_HOST", "localhost")
        environ["SERVER_NAME"], environ["SERVER_PORT"] = split_authority(server, url_scheme)
        return environ

    def other_key(self, name: str) -> str:
        """The key of a header; none for a name with an underscore, which could pose as another header."""
        return "" if "_" in name else self.keys.get(name.lower()) or key_of(name)


def key_of(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def join(environ: Environ, key: str, value: bytes) -> None:
    """Adds the value of a repeated header."""
    if key.startswith("HTTP_"):
        environ[key] += ("; " if key == "HTTP_COOKIE" else ",") + value.decode("latin-1")
