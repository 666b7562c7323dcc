"""Requests that hide another one, or a header, from whoever reads them next: none leaves the component as two."""

import socket
from urllib.parse import urlsplit

from serving import origin, serving, shown


def say(text):
    """The status of each response."""
    host, port = urlsplit(origin()).hostname, urlsplit(origin()).port
    text = text.replace("HEAD", f"HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close")
    with socket.create_connection((host, port), timeout=60) as opened:
        try:
            opened.sendall(text.encode("latin-1"))
            opened.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: opened.recv(4096), b""))
        except Exception as error:
            return shown(error)
    return [line.decode() for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def all_of(*texts):
    return "\n".join(f"{text!r}\n    {say(text)}" for text in texts)


def lengths():
    return all_of(
        "POST /echo HEAD\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: 3, 30\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: +3\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: -3\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: \xb2\r\n\r\nabc",
        "POST /echo HEAD\r\nContent-Length: 3\r\n\r\nabcGET /hidden HTTP/1.1\r\n\r\n",
        "POST /echo HEAD\r\nContent-Length: 30\r\n\r\nabc",
    )


def codings():
    return all_of(
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        "POST /echo HEAD\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
    )


def heads():
    return all_of(
        "GET /echo HEAD\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /echo HEAD\r\nX: a\r\n b\r\n\r\n",
        "GET /echo HEAD\r\nX: a\0b\r\n\r\n",
        "GET /echo HEAD\r\nX\r\n\r\n",
        "GET /echo HEAD\r\n: a\r\n\r\n",
        "GET /echo /hidden HEAD\r\n\r\n",
        "GET /echo\tHTTP/1.1 HEAD\r\n\r\n",
        "GET /echo HEAD\r\nHost: example.com\r\n\r\n",
    )


IncomingHandler = Handler = serving(lengths, codings, heads)
