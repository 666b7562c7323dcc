"""Requests: sessions with an adapter of its own, redirects, cookies, and what is sent."""

from io import BytesIO

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


class Answers(BaseAdapter):
    def send(self, request, **options):
        self.last = request
        moved = request.path_url == "/moved"
        headers = {"location": "/there"} if moved else {"content-type": "application/json", "set-cookie": "a=b"}
        body = BytesIO(b'{"path": "%s"}' % request.path_url.encode())
        raw = HTTPResponse(body, headers, status=302 if moved else 200, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self):
        pass


def session():
    made = requests.Session()
    answers = Answers()
    made.mount("http://", answers)
    return made, answers


def test_redirect():
    response = session()[0].get("http://example.com/moved")
    assert response.json() == {"path": "/there"} and response.history[0].status_code == 302


def test_upload():
    made, answers = session()
    made.post("http://example.com/", data={"a": "é"}, files={"f": ("n.txt", b"data")}, auth=("me", "x"))
    sent = answers.last
    assert sent.headers["Authorization"] == "Basic bWU6eA=="
    assert b'filename="n.txt"' in sent.body and "é".encode() in sent.body


def test_refused_connection():
    try:
        requests.get("http://127.0.0.1:1/", timeout=2)
    except requests.ConnectionError:
        return
    raise AssertionError("a connection without a server")
