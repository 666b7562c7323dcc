"""What goes wrong: by the application's fault, by the host's limits, for want of a permission."""

import json
import os

from spin_sdk import http, key_value, llm, mysql, postgres, redis, sqlite, variables
from spin_sdk.http import Request, Response, send
from spin_sdk.wit.imports import atomics, batch, outgoing_handler, wasi_config_store, wasi_keyvalue_store
from spin_sdk.wit.imports.types import Fields, OutgoingRequest, Scheme_Http
from spin_sdk.wit.types import Ok


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


def connections(request: Request):
    """More databases than an instance may have open; those that are closed do not count."""
    answers = []
    for _ in range(2):
        opened = []
        try:
            while len(opened) < 1000:
                opened.append(sqlite.open_default())
        except Exception as error:
            answers.append([len(opened), repr(error)])
        for database in opened:
            database.__exit__(None, None, None)
    return answers


def many(request: Request):
    """More requests than may be open at a time, one after the other."""
    answers = {str(send(Request("GET", "/fine", {}, None)).body, "utf-8") for _ in range(100)}
    return sorted(answers)


def flood(request: Request):
    """More requests open at a time than an instance may have."""
    futures = []
    for _ in range(40):
        outgoing = OutgoingRequest(Fields())
        outgoing.set_scheme(Scheme_Http())
        outgoing.set_authority(":80")
        outgoing.set_path_with_query("/fine")
        futures.append(outgoing_handler.handle(outgoing, None))
    answers = []
    for future in futures:
        future.subscribe().block()
        result = future.get().value
        answers.append(str(result.value.status()) if isinstance(result, Ok) else repr(result))
    return {answer: answers.count(answer) for answer in answers}


def handles(request: Request):
    """More handles than an instance may hold."""
    return len([wasi_keyvalue_store.open("default") for _ in range(100_000)])


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
