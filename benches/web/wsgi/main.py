"""A greeting by a plain WSGI callable, for `cargo xtask bench web`."""

from collections.abc import Iterable
from typing import Any

TEXT = b"Hello, World!\n"


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(TEXT)))])
    return [TEXT]
