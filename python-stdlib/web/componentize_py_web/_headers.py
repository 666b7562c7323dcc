"""The headers of a response, and the mistakes in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from componentize_py_types import Err

Headers = list[tuple[str, str]]
Entries = list[tuple[str, bytes]]

# They are about one connection, and that is the host's.
HOP_BY_HOP = {
    "connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip


def fields(types: Any, entries: Entries) -> Any:
    """The host's object with these headers. Names the one that the host does not accept."""
    try:
        return types.Fields.from_list(entries)
    except Err:
        for number, (name, value) in enumerate(entries):
            try:
                types.Fields.from_list(entries[: number + 1])
            except Err as error:
                reason = "is not valid"
                if type(error.value).__name__ == "HeaderError_Forbidden":
                    reason = "is not allowed"
                elif any(other.lower() == name.lower() for other, _ in entries[:number]):
                    reason = "is not valid a second time"
                raise ValueError(f"the header {name!r} {reason}: {value!r}") from None
        raise


def checked(headers: Iterable[object]) -> Entries:
    """The headers of a WSGI application without those of the connection, which hosts refuse. Names one that is wrong."""
    entries: Entries = []
    for entry in headers:
        match entry:
            case tuple((str(name), str(value))):
                pass
            case _:
                raise TypeError(f"headers must be tuples of two str: {entry!r}")
        lower = name.lower()
        if lower == "content-length" and not value.isdecimal():
            raise ValueError(f"Content-Length must be a number: {value!r}")
        if lower not in HOP_BY_HOP:
            try:
                entries.append((name, value.encode("latin-1")))
            except UnicodeEncodeError:
                raise ValueError(f"the header {name!r} has characters that are not in latin-1: {value!r}") from None
    return entries
