"""Checks other servers with requests: `GET /check?url=...` answers with a line for each URL."""

from urllib.parse import parse_qs, urlsplit

import requests
from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        target = urlsplit(request.path_with_query() or "/")
        if target.path == "/":
            respond(response_out, 200, "GET /check?url=...\n")
        elif target.path == "/check":
            respond(response_out, 200, check(parse_qs(target.query).get("url", [])))
        else:
            respond(response_out, 404, "not here\n")


def check(urls: list[str]) -> str:
    with requests.Session() as session:
        return "".join(f"{url}: {line_for(session, url)}\n" for url in urls)


def line_for(session: requests.Session, url: str) -> str:
    try:
        response = session.get(url, timeout=5)
    except requests.RequestException as error:
        return type(error).__name__
    return f"{response.status_code} {response.reason}, {len(response.content)} bytes"


def respond(response_out: ResponseOutparam, status: int, text: str) -> None:
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream:
        stream.blocking_write_and_flush(text.encode())
    OutgoingBody.finish(body, None)
