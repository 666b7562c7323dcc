"""The mistakes of an application, and what a request shows of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence


class ApplicationError(Exception):
    """An application cannot be served. While building, the tool makes an error of it.

    `kind` says why:

    | kind | reason |
    |---|---|
    | `"format"` | the application is not named as `module:attribute` |
    | `"module"` | there is no such module |
    | `"attribute"` | the module has no such attribute; `candidates` has similar names |
    | `"not-callable"` | it cannot be called |
    | `"factory"` | it is a function that makes the application, or one that was said to be and is not |
    | `"interface"` | it is neither a WSGI nor an ASGI application, or nobody can tell which |
    | `"asgi2"` | it has the signature of ASGI 2 |
    | `"startup"` | its startup failed, with `lifespan="build"` |
    | `"warm-up"` | it failed to answer a request while it was built |
    | `"world"` | the world exports no HTTP handler, or several |
    """

    def __init__(self, kind: str, message: str, hint: str = "", candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint
        self.candidates = tuple(candidates)

    def __str__(self) -> str:
        message = str(self.args[0])
        return f"{message} ({self.hint})" if self.hint else message


class ClientDisconnected(ConnectionError):
    """The client has left. Whatever the application was doing with its request can end."""


def is_about_client(error: BaseException) -> bool:
    """Returns whether an exception comes from a client that has left; frameworks raise others in its place."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, ClientDisconnected):
            return True
        seen.add(id(current))
        current = current.__cause__ or current.__context__
    return False


def report(error: BaseException) -> None:
    """Prints the traceback of an exception of the application on standard error, without the frames of this package."""
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__package__") == __package__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)


def complain(message: str) -> None:
    """Prints a line about the application on standard error."""
    print(message, file=sys.stderr)
