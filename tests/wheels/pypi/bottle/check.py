"""Bottle: routes, forms, templates and errors, by WSGI."""

from io import BytesIO

import bottle
from bottle import Bottle, request

app = Bottle()


@app.get("/items/<number:int>")
def item(number):
    return {"number": number, "q": request.query.q}


@app.post("/")
def form():
    return bottle.template("<b>{{name}}</b>\n% for i in range(2):\n{{i}}\n% end\n", name=request.forms.name)


def ask(method, path, body=b"", query=""):
    seen = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "example.com",
    }
    body = b"".join(app(environ, lambda status, headers, *_: seen.append(status)))
    return seen[0], body.decode()


def test_route():
    assert ask("GET", "/items/3", query="q=%C3%A9") == ("200 OK", '{"number": 3, "q": "\\u00e9"}')


def test_form_and_template():
    assert ask("POST", "/", b"name=%3Ca%3E") == ("200 OK", "<b>&lt;a&gt;</b>\n0\n1\n")


def test_missing():
    status, body = ask("GET", "/items/x")
    assert status == "404 Not Found" and "Not found" in body, body
