"""A Bottle application: nothing in it is for components."""

from pathlib import Path
from typing import Any, Iterator

from bottle import TEMPLATE_PATH, Bottle, HTTPResponse, abort, redirect, request, response, static_file, template

HERE = Path(__file__).parent
TEMPLATE_PATH.insert(0, str(HERE / "views"))
app = Bottle()


@app.get("/hello/<name>")
def hello(name: str) -> Any:
    return template("hello", name=name)


@app.post("/form")
def form() -> Any:
    return {"name": request.forms.getunicode("name"), "file": request.files.file.raw_filename, "size": len(request.files.file.file.read())}


@app.post("/json")
def json() -> Any:
    return {"got": request.json}


@app.get("/stream")
def stream() -> Iterator[str]:
    response.content_type = "text/plain"
    yield "one,"
    yield "two"


@app.get("/count")
def count() -> str:
    visits = int(request.get_cookie("visits", default="0", secret="only for tests")) + 1
    response.set_cookie("visits", str(visits), secret="only for tests")
    return str(visits)


@app.get("/file")
def file() -> Any:
    return static_file("note.txt", root=str(HERE))


@app.get("/away")
def away() -> None:
    redirect("/hello/again")


@app.get("/teapot")
def teapot() -> HTTPResponse:
    return HTTPResponse(status=418, body="short and stout")


@app.get("/secret")
def secret() -> None:
    abort(403, "go away")


@app.get("/fails")
def fails() -> None:
    raise RuntimeError("not for the client")
