"""A Flask application as Flask's own documentation has them: nothing in it is for components."""

import asyncio
import sys
from typing import Any, Iterator

from flask import Flask, Response, abort, flash, g, jsonify, make_response, redirect, render_template, request, session, url_for
from shop import shop
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.secret_key = "only for tests"
app.config["MAX_CONTENT_LENGTH"] = 1_000_000
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
app.register_blueprint(shop, url_prefix="/shop")


@app.before_request
def count() -> None:
    g.visits = session["visits"] = session.get("visits", 0) + 1


@app.after_request
def tag(response: Response) -> Response:
    response.headers["X-Visits"] = str(g.visits)
    return response


@app.get("/")
def index() -> str:
    return render_template("index.html", name=request.args.get("name", "World"))


@app.route("/login", methods=["GET", "POST"])
def login() -> Any:
    if request.method == "POST":
        session["user"] = request.form["user"]
        flash("welcome")
        return redirect(url_for("shop.basket"))
    return render_template("login.html")


@app.post("/upload")
def upload() -> Any:
    file = request.files["file"]
    name = secure_filename(file.filename or "")
    file.save(f"/tmp/{name}")
    with open(f"/tmp/{name}") as saved:
        return jsonify(name=name, note=request.form["note"], lines=len(saved.readlines()))


@app.post("/json")
def echo() -> Any:
    return jsonify(got=request.get_json(), length=request.content_length)


@app.post("/size")
def size() -> Any:
    return str(len(request.get_data()))


@app.get("/stream")
def stream() -> Response:
    def lines() -> Iterator[str]:
        for number in range(3):
            yield f"line {number}\n"

    return Response(lines(), mimetype="text/plain")


@app.get("/after")
def after() -> Response:
    response = make_response("answered")
    response.call_on_close(lambda: print("after the response", file=sys.stderr))
    return response


@app.get("/about")
def about() -> Any:
    return jsonify(url=request.url, host=request.host, path=request.path, address=request.remote_addr, scheme=request.scheme)


@app.get("/async")
async def asynchronous() -> str:
    return await asyncio.sleep(0.001, "from an event loop")


@app.get("/fail")
def fail() -> Any:
    raise RuntimeError("not for the client")


@app.get("/secret")
def secret() -> Any:
    abort(403, "go away")


@app.errorhandler(404)
def not_found(error: Any) -> Any:
    return {"error": str(error)}, 404
