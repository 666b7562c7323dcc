"""A body that is sent back while it still arrives."""

from typing import Any, Dict, Iterator


def app(environ: Dict[str, Any], start: Any) -> Iterator[bytes]:
    start("200 OK", [("Content-Type", "application/octet-stream")])
    while piece := environ["wsgi.input"].read1(1000):
        yield piece
