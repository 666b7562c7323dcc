import json

from spin_sdk import http, sqlite
from spin_sdk.http import Request, Response
from spin_sdk.sqlite import ValueText

TABLE = "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY, text TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)"


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        with sqlite.open_default() as db:
            db.execute(TABLE, [])
            if request.method == "POST":
                db.execute("INSERT INTO todos (text) VALUES (?)", [ValueText(str(request.body or b"", "utf-8"))])
            result = db.execute("SELECT id, text, done FROM todos ORDER BY id", [])
            rows = [dict(zip(result.columns, (value.value for value in row.values))) for row in result.rows]

        return Response(200, {"content-type": "application/json"}, bytes(json.dumps(rows), "utf-8"))
