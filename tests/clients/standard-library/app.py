"""`http.client`, `urllib.request` and asyncio's streams."""

import asyncio
import http.client
import json
import socket
import ssl
import urllib.request
from urllib.parse import urlsplit

from serving import origin, serving, shown


def connection(timeout=60):
    return http.client.HTTPConnection(urlsplit(origin()).netloc, timeout=timeout)


def attempt(function, *arguments, **keywords):
    try:
        return function(*arguments, **keywords)
    except Exception as error:
        return shown(error)


def ask(client, *request, **keywords):
    client.request(*request, **keywords)
    response = client.getresponse()
    return response.status, response.reason, response.read()


def one_connection():
    client = connection()
    found = [ask(client, "GET", "/hello")]
    first = client.sock
    found += [
        ask(client, "POST", "/echo", body=b"with a length", headers={"X-Test": "1"}),
        ask(client, "POST", "/echo", body=iter([b"in ", b"chunks"]), encode_chunked=True),
        ask(client, "HEAD", "/hello"),
        ask(client, "GET", "/nothing"),
        ask(client, "PUT", "/echo", body=b"x" * 3_000_000),
        len(ask(client, "GET", "/large")[2]),
    ]
    return "\n".join(map(str, [*found, client.sock is first]))


def streamed():
    """Each event arrives before the server sends the next."""
    client = connection()
    client.request("GET", "/stream")
    response = client.getresponse()
    return [response.read1() for _ in range(3)], response.read()


def redirected():
    return urllib.request.urlopen(f"{origin()}/redirect").read()


def failures():
    port = urlsplit(origin()).port
    read = lambda url, **keywords: urllib.request.urlopen(url, **keywords).read()
    return "\n".join(
        map(
            str,
            [
                attempt(read, f"{origin()}/missing"),
                attempt(read, "http://localhost:1/"),
                attempt(read, f"{origin()}/slow", timeout=0.5),
                attempt(read, f"{origin()}/silent"),
                attempt(read, f"https://localhost:{port}/"),
                attempt(read, "http://not a name/"),
            ],
        )
    )


def refused():
    """What cannot be carried out says so."""
    host, port = urlsplit(origin()).hostname, urlsplit(origin()).port
    head = f"Host: {host}:{port}\r\n"

    def say(text):
        with socket.create_connection((host, port), timeout=60) as opened:
            opened.sendall(text.encode())
            return opened.recv(100)

    def listen():
        return socket.create_server(("127.0.0.1", 0))

    def secure(context):
        return urllib.request.urlopen(f"https://{host}:{port}/", context=context).read()

    newest = ssl.create_default_context()
    newest.minimum_version = ssl.TLSVersion.TLSv1_3
    with_key = ssl.create_default_context()
    with_key.load_cert_chain(__file__)
    return "\n".join(
        map(
            str,
            [
                attempt(say, "EHLO me\r\n\r\n"),
                attempt(say, ""),
                attempt(say, f"GET / HTTP/1.1\r\n{head}X: a\nY: b\r\n\r\n"),
                attempt(say, f"GET / HTTP/1.1\r\n{head}X: a\r Y: b\r\n\r\n"),
                attempt(say, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
                attempt(say, f"GET / HTTP/1.1\r\n{head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
                attempt(say, f"GET http://example.com/ HTTP/1.1\r\n{head}\r\n"),
                attempt(say, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"),
                attempt(say, f"POST / HTTP/1.1\r\n{head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
                attempt(say, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 an implementation of its own"),
                attempt(listen),
                attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM),
                attempt(secure, ssl._create_unverified_context()),
                attempt(secure, ssl.create_default_context(cadata="-----BEGIN CERTIFICATE-----")),
                attempt(secure, newest),
                attempt(secure, with_key),
            ],
        )
    )


def continued():
    """The host decides when a body is sent."""
    host, port = urlsplit(origin()).hostname, urlsplit(origin()).port
    with socket.create_connection((host, port), timeout=60) as opened:
        head = f"POST /echo HTTP/1.1\r\nHost: {host}:{port}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        opened.sendall(head.encode())
        first = opened.recv(100)
        opened.sendall(b"hello")
        response = http.client.HTTPResponse(opened)
        response.begin()
        return first, json.loads(response.read())


def trailers():
    host, port = urlsplit(origin()).hostname, urlsplit(origin()).port
    with socket.create_connection((host, port), timeout=60) as opened:
        opened.sendall(f"GET /stream HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: opened.recv(1000), b"")).partition(b"data: 2")[2]


def names():
    found = socket.getaddrinfo("example.com", 443, type=socket.SOCK_STREAM)
    return found == socket.getaddrinfo("EXAMPLE.com", 443, type=socket.SOCK_STREAM), socket.getaddrinfo("::1", "http")[0][4]


async def open_connection():
    host, port = urlsplit(origin()).hostname, urlsplit(origin()).port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /hello HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    read = await reader.read()
    writer.close()
    await writer.wait_closed()
    return read.partition(b"\r\n")[0], read.rpartition(b"\r\n")[2]


IncomingHandler = Handler = serving(
    one_connection, streamed, redirected, failures, refused, continued, trailers, names, open_connection
)
