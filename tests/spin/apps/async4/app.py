"""The asynchronous interfaces, by the SDK that still has the candidate of WASI 0.3."""

import json

from spin_sdk import http, key_value, postgres, redis, sqlite, util, variables
from spin_sdk.http import Request, Response, send
from spin_sdk.sqlite import Value_Integer, Value_Text


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        result = {
            "request": [request.method, request.uri, str(request.body or b"", "utf-8")],
            "key-value": await use_key_value(),
            "sqlite": await use_sqlite(),
            "redis": await use_redis(),
            "refused": await refused(),
        }
        return Response(200, {"content-type": "application/json"}, bytes(json.dumps(result, indent=2), "utf-8"))


async def use_key_value():
    with await key_value.open("other") as store:
        await store.set("a", b"1")
        await store.set("b", b"2")
        await store.delete("a")
        keys = await util.collect(await store.get_keys())
        return [keys, await store.exists("a"), str(await store.get("b"), "utf-8"), await store.get("a")]


async def use_sqlite():
    with await sqlite.Connection.open_default() as db:
        await db.execute("DROP TABLE IF EXISTS t", [])
        await db.execute("CREATE TABLE t (i INTEGER, t TEXT)", [])
        for number in range(3):
            await db.execute("INSERT INTO t VALUES (?, ?)", [Value_Integer(number), Value_Text(f"text {number}")])
        last, changes = await db.last_insert_rowid(), await db.changes()
        columns, stream, outcome = await db.execute("SELECT * FROM t", [])
        rows = await util.collect((stream, outcome))
        return [columns, [[value.value for value in row.values] for row in rows], last, changes]


async def use_redis():
    with await redis.open(await variables.get("redis")) as db:
        await db.del_(["async4", "async4-set"])
        await db.set("async4", b"41")
        number = await db.incr("async4")
        added = await db.sadd("async4-set", ["x", "y"])
        removed = await db.srem("async4-set", ["x"])
        members = await db.smembers("async4-set")
        echo = await db.execute("ECHO", [redis_parameter(b"back")])
        published = await db.publish("channel", b"nobody listens")
        return [number, added, removed, members, str(echo[0].value, "utf-8"), published]


def redis_parameter(value: bytes):
    from spin_sdk.wit.imports.spin_redis_redis_3_0_0 import RedisParameter_Binary

    return RedisParameter_Binary(value)


async def refused():
    actions = {
        "http": lambda: send(Request("GET", "http://127.0.0.1:1/", {}, None)),
        "key-value": lambda: key_value.open("third"),
        "sqlite": lambda: sqlite.Connection.open("other"),
        "redis": lambda: redis.open("redis://127.0.0.1:1"),
        "variable": lambda: variables.get("missing"),
        "postgres": lambda: postgres.Connection.open("postgres://user:secret@127.0.0.1:1/db"),
    }
    answers = {}
    for name, action in actions.items():
        try:
            answers[name] = f"no error, but {type(await action()).__name__}"
        except Exception as error:
            answers[name] = repr(error)
    return answers
