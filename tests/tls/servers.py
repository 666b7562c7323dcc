"""The servers that the components of this suite talk to, and the authority that vouches for them.

    servers.py DIRECTORY

Writes certificates to DIRECTORY, prints a line `NAME=PORT ...`, and ends with its standard input.
"""

import contextlib
import datetime
import socketserver
import ssl
import struct
import sys
import threading

import trustme

directory = sys.argv[1]
authority = trustme.CA()
YESTERDAY = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)


def context(certificate):
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(found)
    found.set_alpn_protocols(["http/1.1"])
    return found


USUAL = context(authority.issue_cert("localhost"))


def with_versions(version):
    found = context(authority.issue_cert("localhost"))
    found.minimum_version = found.maximum_version = version
    return found


def with_clients():
    found = context(authority.issue_cert("localhost"))
    found.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(found)
    return found


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away is no failure here."""


def start(name, speak, secure=USUAL):
    """Serves `speak(stream, start_tls)` on a port of its own. `secure` is the context of connections that are secure at once."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            connection = self.request if secure is None else secure.wrap_socket(self.request, server_side=True)
            self.used = connection

            def start_tls():
                self.used = USUAL.wrap_socket(connection, server_side=True)
                return self.used.makefile("rwb")

            # Not a byte more than is asked for: a client may begin with TLS before it is told to.
            speak(connection.makefile("rwb", 0 if secure is None else None), start_tls)
            with contextlib.suppress(OSError):
                self.used.unwrap()

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"{name}={server.server_address[1]}"


def say(stream, data):
    stream.write(data)
    stream.flush()


def http(stream, start_tls):
    while first := stream.readline():
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)
        body = b"x" * (1 << 20) if b"/large" in first else b"secret of %s, and %d bytes" % (first.split()[1], length)
        say(stream, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def plain(stream, start_tls):
    """Knows nothing of TLS."""
    say(stream, b"hello\n")


def echo(stream, start_tls):
    while line := stream.readline():
        say(stream, line)


def echo_after_start_tls(stream, start_tls):
    say(stream, b"ready\n" if stream.readline() == b"STARTTLS\n" else b"no\n")
    echo(start_tls(), None)


def smtp(stream, start_tls):
    say(stream, b"220 ready\r\n")
    while line := stream.readline().strip():
        match line[:4].upper():
            case b"EHLO":
                say(stream, b"250-here\r\n250 STARTTLS\r\n")
            case b"STAR":
                say(stream, b"220 go on\r\n")
                stream = start_tls()
            case b"DATA":
                say(stream, b"354 go on\r\n")
                while stream.readline() not in (b".\r\n", b""):
                    pass
                say(stream, b"250 taken\r\n")
            case b"QUIT":
                return say(stream, b"221 bye\r\n")
            case _:
                say(stream, b"250 OK\r\n")


def imap(stream, start_tls):
    say(stream, b"* OK ready\r\n")
    while line := stream.readline().split():
        tag, command = line[:2]
        answers = {
            b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
            b"SELECT": b"* 3 EXISTS\r\n",
            b"LOGOUT": b"* BYE\r\n",
        }
        say(stream, answers.get(command.upper(), b"") + tag + b" OK done\r\n")
        if command.upper() == b"STARTTLS":
            stream = start_tls()


# --- Databases -------------------------------------------------------------------------------------------------------


def words_of_redis(stream):
    line = stream.readline()
    if not line:
        return None
    words = []
    for _ in range(int(line[1:])):
        size = int(stream.readline()[1:])
        words.append(stream.read(size + 2)[:-2])
    return words


def redis(stream, start_tls):
    """RESP2: https://redis.io/docs/latest/develop/reference/protocol-spec."""
    stored = {}
    while words := words_of_redis(stream):
        match words[0].upper():
            case b"SET":
                stored[words[1]] = words[2]
                say(stream, b"+OK\r\n")
            case b"GET":
                value = stored.get(words[1])
                say(stream, b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value))
            case b"PING":
                say(stream, b"+PONG\r\n")
            case _:
                say(stream, b"-ERR unknown command\r\n")


def postgresql(stream, start_tls):
    """Version 3 of the protocol, for one query with one row: chapter 54 of PostgreSQL's manual."""

    def message(kind, body=b""):
        return kind + struct.pack("!i", len(body) + 4) + body

    stream.read(8)  # an SSLRequest
    say(stream, b"S")
    stream = start_tls()
    stream.read(int.from_bytes(stream.read(4)) - 4)
    ready = message(b"Z", b"I")
    say(stream, message(b"R", bytes(4)) + message(b"S", b"server_version\x0015.0\x00") + ready)
    columns = message(b"T", struct.pack("!h", 1) + b"answer\x00" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0))
    row = message(b"D", struct.pack("!hi", 1, 2) + b"42")
    while kind := stream.read(1):
        stream.read(int.from_bytes(stream.read(4)) - 4)
        answers = {
            b"P": message(b"1"),
            b"B": message(b"2"),
            b"D": message(b"t", struct.pack("!h", 0)) + columns,
            b"E": row + message(b"C", b"SELECT 1\x00"),
            b"Q": columns + row + message(b"C", b"SELECT 1\x00") + ready,
            b"C": message(b"3"),
            b"S": ready,
        }
        if kind == b"X":
            return
        say(stream, answers.get(kind, b""))


def mysql(stream, start_tls):
    """The protocol of MySQL 8 for a query with one row; any password will do."""
    number = 0

    def packet(body):
        nonlocal number
        found = len(body).to_bytes(3, "little") + bytes([number]) + body
        number = (number + 1) % 256
        return found

    def read():
        nonlocal number
        head = stream.read(4)
        number = (head[3] + 1) % 256 if head else 0
        return stream.read(int.from_bytes(head[:3], "little"))

    # CONNECT_WITH_DB, PROTOCOL_41, SSL, SECURE_CONNECTION, PLUGIN_AUTH
    can = 0x8 | 0x200 | 0x800 | 0x8000 | 0x80000
    ends = b"\xfe\x00\x00\x02\x00"
    fine = b"\x00\x00\x00\x02\x00\x00\x00"
    salt = b"12345678", b"123456789012\x00"
    greeting = b"\x0a8.0.0\x00" + struct.pack("<I", 1) + salt[0] + b"\x00" + struct.pack("<HBHH", can & 0xFFFF, 33, 2, can >> 16)
    say(stream, packet(greeting + bytes([21]) + bytes(10) + salt[1] + b"mysql_native_password\x00"))
    read()  # asks for TLS
    stream = start_tls()
    read()
    say(stream, packet(fine))
    text = lambda value: bytes([len(value)]) + value
    column = text(b"def") + text(b"") * 3 + text(b"answer") + text(b"") + struct.pack("<BHIBHBH", 12, 33, 20, 8, 0, 0, 0)
    while command := read():
        if command[:1] == b"\x01":
            return
        if b"answer" in command:
            say(stream, b"".join(map(packet, (b"\x01", column, ends, text(b"42"), ends))))
        else:
            say(stream, packet(fine))


authority.cert_pem.write_to_path(f"{directory}/ca.pem")
trustme.CA().cert_pem.write_to_path(f"{directory}/other-ca.pem")
authority.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(f"{directory}/client.pem")
authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(f"{directory}/server.pem")
print(
    start("HTTPS", http),
    start("WRONG_NAME", http, context(authority.issue_cert("example.com"))),
    start("UNKNOWN", http, context(trustme.CA().issue_cert("localhost"))),
    start("EXPIRED", http, context(authority.issue_cert("localhost", not_after=YESTERDAY))),
    start("CLIENTS", http, with_clients()),
    start("TLS_1_2", http, with_versions(ssl.TLSVersion.TLSv1_2)),
    start("TLS_1_3", http, with_versions(ssl.TLSVersion.TLSv1_3)),
    start("PLAIN", plain, None),
    start("ECHO", echo),
    start("STARTTLS", echo_after_start_tls, None),
    start("SMTPS", smtp),
    start("SMTP", smtp, None),
    start("IMAPS", imap),
    start("IMAP", imap, None),
    start("REDIS", redis),
    start("POSTGRESQL", postgresql, None),
    start("MYSQL", mysql, None),
    flush=True,
)
sys.stdin.read()
