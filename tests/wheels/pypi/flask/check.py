"""Flask: its client for tests, templates, sessions, uploads, blueprints and commands."""

import os
from io import BytesIO

from flask import Blueprint, Flask, abort, flash, get_flashed_messages, jsonify, render_template, request, session

app = Flask(__name__, template_folder="/tmp/templates")
app.secret_key = "key"
part = Blueprint("part", __name__, url_prefix="/part")


@app.get("/hello/<name>")
def hello(name):
    return render_template("hello.html", name=name)


@app.post("/upload")
def upload():
    file = request.files["file"]
    return jsonify(name=file.filename, size=len(file.read()), note=request.form["note"])


@app.get("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    flash("counted")
    return {"count": session["count"], "messages": get_flashed_messages()}


@part.get("/missing")
def missing():
    abort(404, "not there")


@app.errorhandler(404)
def not_found(error):
    return {"error": error.description}, 404


@app.cli.command("greet")
def greet():
    print("hello from a command")


app.register_blueprint(part)


def test_template():
    os.mkdir("/tmp/templates")
    with open("/tmp/templates/hello.html", "w") as file:
        file.write("<b>{{ name }}</b> {{ url_for('hello', name='x') }}")
    assert app.test_client().get("/hello/<you>").text == "<b>&lt;you&gt;</b> /hello/x"


def test_upload():
    data = {"file": (BytesIO(b"x" * 700_000), "big.txt"), "note": "é"}
    answer = app.test_client().post("/upload", data=data)
    assert answer.json == {"name": "big.txt", "size": 700_000, "note": "é"}


def test_session():
    client = app.test_client()
    client.get("/count")
    assert client.get("/count").json == {"count": 2, "messages": ["counted"]}


def test_error_of_a_blueprint():
    answer = app.test_client().get("/part/missing")
    assert (answer.status_code, answer.json) == (404, {"error": "not there"})


def test_command():
    result = app.test_cli_runner().invoke(args=["greet"])
    assert result.output == "hello from a command\n", result.output
