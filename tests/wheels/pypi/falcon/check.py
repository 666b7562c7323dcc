"""falcon: routes, media and errors, by its simulated requests."""

import falcon
import falcon.asgi
from falcon import testing


class Item:
    def on_get(self, request, response, number):
        if number > 9:
            raise falcon.HTTPNotFound(title="no item")
        response.media = {"number": number, "q": request.get_param("q")}

    def on_post(self, request, response, number):
        response.media = request.get_media()
        response.status = falcon.HTTP_201


class Later:
    async def on_get(self, request, response):
        response.text = "later"


def client():
    app = falcon.App()
    app.add_route("/items/{number:int}", Item())
    return testing.TestClient(app)


def test_get():
    result = client().simulate_get("/items/3", params={"q": "é"})
    assert result.json == {"number": 3, "q": "é"}, result.json


def test_post():
    result = client().simulate_post("/items/1", json={"a": [1]})
    assert (result.status_code, result.json) == (201, {"a": [1]})


def test_error():
    result = client().simulate_get("/items/10")
    assert (result.status_code, result.json["title"]) == (404, "no item")


def test_asgi():
    app = falcon.asgi.App()
    app.add_route("/", Later())
    assert testing.TestClient(app).simulate_get("/").text == "later"
