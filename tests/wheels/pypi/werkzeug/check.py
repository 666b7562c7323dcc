"""Werkzeug: password hashes, routing, uploads and the client for tests."""

from io import BytesIO

from werkzeug.routing import Map, Rule
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response


def test_password_hashes():
    for method in ["scrypt:1024:8:1", "pbkdf2:sha256:1000"]:
        kept = generate_password_hash("sesame", method=method)
        assert kept.startswith(method), kept
        assert check_password_hash(kept, "sesame") and not check_password_hash(kept, "Sesame")


def test_known_password_hash():
    kept = "pbkdf2:sha256:1$salt$120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"
    assert check_password_hash(kept, "password")


def test_routing():
    urls = Map([Rule("/items/<int:number>", endpoint="item")]).bind("example.com")
    assert urls.match("/items/7") == ("item", {"number": 7})
    assert urls.build("item", {"number": 8}) == "/items/8"


@Request.application
def app(request):
    upload = request.files["file"]
    return Response(f"{request.form['name']} {upload.filename} {len(upload.read())}")


def test_upload():
    data = {"name": "é", "file": (BytesIO(b"x" * 600_000), "big.bin")}
    assert Client(app).post("/", data=data).text == "é big.bin 600000"
