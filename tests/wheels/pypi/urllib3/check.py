"""urllib3: a pool and its retries without a socket, forms, headers and addresses."""

from io import BytesIO

import urllib3
from urllib3.filepost import encode_multipart_formdata
from urllib3.util import Retry, parse_url


def test_forms_and_headers():
    body, kind = encode_multipart_formdata({"a": "é", "f": ("x.txt", b"data", "text/plain")}, boundary="b")
    assert kind == "multipart/form-data; boundary=b" and "é".encode() in body and b'filename="x.txt"' in body
    headers = urllib3.HTTPHeaderDict({"A": "1"})
    headers.add("a", "2")
    assert headers["A"] == "1, 2" and headers.getlist("a") == ["1", "2"]
    made = urllib3.make_headers(basic_auth="user:secret", keep_alive=True)
    assert made == {"connection": "keep-alive", "authorization": "Basic dXNlcjpzZWNyZXQ="}


def test_address():
    url = parse_url("HTTP://Example.com:80/a%2fb/../c d?q=é#f")
    assert (url.scheme, url.host, url.port) == ("http", "example.com", 80)
    assert url.request_uri == "/c%20d?q=%C3%A9" and url.fragment == "f", url


def test_compressed_response():
    import gzip

    response = urllib3.HTTPResponse(
        BytesIO(gzip.compress(b'{"a": [1]}')), {"content-encoding": "gzip"}, status=200, preload_content=False
    )
    assert response.json() == {"a": [1]}


def test_refused_connection():
    pool = urllib3.PoolManager(retries=Retry(connect=1, backoff_factor=0), timeout=2)
    try:
        pool.request("GET", "http://127.0.0.1:1/")
    except urllib3.exceptions.MaxRetryError as error:
        assert isinstance(error.reason, urllib3.exceptions.NewConnectionError), error.reason
        return
    raise AssertionError("a connection without a server")
