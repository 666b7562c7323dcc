"""What goes wrong: by the application's fault, by the host's limits, for want of a permission."""

import json
import os

from spin_sdk import http, key_value, llm, mysql, postgres, redis, sqlite, variables
from spin_sdk.http import Request, Response, send
from spin_sdk.wit.imports import atomics, batch, wasi_config_store, wasi_keyvalue_store


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        # By the last part, whatever route led here.
        action = globals()[request.uri.rsplit("/", 1)[-1]]
        return Response(200, {"content-type": "application/json"}, bytes(json.dumps(action(request), indent=2), "utf-8"))


def fine(request: Request):
    return "fine"


def fail(request: Request):
    raise ValueError("on purpose")


def loop(request: Request):
    while True:
        pass


def eat(request: Request):
    return len(b"x" * (1 << 30))


def query(request: Request):
    """An endless loop on the host's side."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with sqlite.open_default() as db:
        db.execute(endless, [])


def bounds(request: Request):
    """SQL that would reach what is not this database."""
    answers = []
    with sqlite.open_default() as db:
        for statement in [
            "ATTACH DATABASE '.spin/key_value.db' AS other",
            "ATTACH DATABASE '.spin/key_value' || '.db' AS other",
            "VACUUM INTO 'copy.db'",
            "VACUUM INTO 'co' || 'py.db'",
            "PRAGMA hard_heap_limit = 1",
            "VACUUM",
        ]:
            try:
                answers.append([statement, db.execute(statement, []).rows])
            except Exception as error:
                answers.append([statement, repr(error)])
    return answers


def abort(request: Request):
    os.abort()


def refused(request: Request):
    """What each interface says without a permission."""
    actions = {
        "http": lambda: send(Request("GET", "http://127.0.0.1:1/", {}, None)),
        "self": lambda: send(Request("GET", "/fine", {}, None)),
        "key-value": lambda: key_value.open_default(),
        "sqlite": lambda: sqlite.open_default(),
        "redis": lambda: redis.open("redis://user:secret@127.0.0.1:6379"),
        "redis socket": lambda: redis.open("unix://sock:1/nowhere"),
        "llm": lambda: llm.infer("llama2-chat", "?"),
        "variable": lambda: variables.get("missing"),
        "variable name": lambda: variables.get("Not-A-Name"),
        "postgres": lambda: postgres.open("postgres://user:secret@127.0.0.1/db"),
        "mysql": lambda: mysql.open("mysql://user:secret@127.0.0.1/db"),
    }
    answers = {}
    for name, action in actions.items():
        try:
            answers[name] = f"no error, but {type(action()).__name__}"
        except Exception as error:
            answers[name] = repr(error)
    return answers


def drafts(request: Request):
    """The drafts of WASI that Spin 3 offers beside its own interfaces."""
    with wasi_keyvalue_store.open("default") as bucket:
        batch.delete_many(bucket, ["a", "n"])
        batch.set_many(bucket, [("a", b"1"), ("b", b"2")])
        values = [str(value, "utf-8") for _, value in batch.get_many(bucket, ["a", "b"])]
        numbers = [atomics.increment(bucket, "n", 5), atomics.increment(bucket, "n", -2)]
        keys = bucket.list_keys(None).keys
        with atomics.Cas.new(bucket, "a") as cas:
            before = str(cas.current(), "utf-8")
    return [values, numbers, keys, before, wasi_config_store.get("color"), wasi_config_store.get("missing")]


def itself(request: Request):
    """A request to the application that this component is a part of."""
    return str(send(Request("GET", "/fine", {}, None)).body, "utf-8")


def url(request: Request):
    return request.headers["spin-full-url"]


def surroundings(request: Request):
    headers = {name: value for name, value in request.headers.items() if name.startswith("spin-path")}
    with open("/data/file.txt") as file:
        text = file.read()
    try:
        open("/data/other.txt", "w")
    except OSError as error:
        written = type(error).__name__
    return [os.environ["GREETING"], text, written, headers]
