"""A body that is sent back while it still arrives. In 0.3 a WSGI application gets a body when it is whole."""

from typing import Any, Dict, Iterator


def app(environ: Dict[str, Any], start: Any) -> Iterator[bytes]:
    start("200 OK", [("Content-Type", "application/octet-stream")])
    while piece := environ["wsgi.input"].read1(1000):
        yield piece
