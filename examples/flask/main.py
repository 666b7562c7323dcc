"""A guest book: a Flask application like any other."""

from flask import Flask, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = "change me"


@app.get("/")
def index() -> str:
    return render_template("index.html", names=session.get("names", []))


@app.post("/sign")
def sign() -> Response:
    session["names"] = [*session.get("names", []), request.form["name"]]
    return redirect(url_for("index"))
