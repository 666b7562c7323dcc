"""`ssl` and what the standard library builds on it, with a real handshake over real sockets."""

import hashlib
import http.client
import imaplib
import os
import smtplib
import socket
import ssl
import urllib.request

from program import AUTHORITY, port, program, shown

# Made while the component is built, for connections at run time.
early = ssl.create_default_context()


def context(**settings):
    found = ssl.create_default_context(cafile=AUTHORITY)
    for name, value in settings.items():
        setattr(found, name, value)
    return found


def version():
    return ssl.OPENSSL_VERSION.split()[:2], ssl.HAS_TLSv1_3, ssl.HAS_ALPN, ssl.HAS_SNI, ssl.HAS_TLSv1, ssl.HAS_SSLv3


def connected(name, context, hostname="localhost"):
    with socket.create_connection(("localhost", port(name)), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname=hostname) as secure:
            return secure.version(), secure.cipher()[0], secure.selected_alpn_protocol(), secure.getpeercert()["subjectAltName"]


def versions():
    offering = context()
    offering.set_alpn_protocols(["h2", "http/1.1"])
    return "\n".join(str(connected(name, offering)) for name in ("HTTPS", "TLS_1_2", "TLS_1_3"))


def old_version():
    return connected("TLS_1_2", context(minimum_version=ssl.TLSVersion.TLSv1_3))


def early_context():
    early.load_verify_locations(AUTHORITY)
    return connected("HTTPS", early)


def refused():
    """What must not be trusted."""
    for name, trusting, hostname in (
        ("WRONG_NAME", context(), "localhost"),
        ("HTTPS", context(), "example.com"),
        ("UNKNOWN", context(), "localhost"),
        ("EXPIRED", context(), "localhost"),
        ("HTTPS", ssl.create_default_context(), "localhost"),
        ("HTTPS", ssl.create_default_context(cafile="/certificates/other-ca.pem"), "localhost"),
        ("PLAIN", context(), "localhost"),
        ("CLIENTS", context(maximum_version=ssl.TLSVersion.TLSv1_2), "localhost"),
    ):
        try:
            yield connected(name, trusting, hostname)
        except ssl.SSLError as error:
            yield f"{name}: {shown(error)}"


def certificates():
    return "\n".join(map(str, refused()))


def unverified():
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.check_hostname = False
    found.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("localhost", port("UNKNOWN"))) as plain, found.wrap_socket(plain) as secure:
        return len(secure.getpeercert(binary_form=True)) > 100


def client_certificate():
    found = context()
    found.load_cert_chain("/certificates/client.pem")
    return connected("CLIENTS", found)[0]


def default_places():
    """The host's certificates, where it grants a directory with them."""
    os.environ["SSL_CERT_FILE"] = AUTHORITY
    try:
        return connected("HTTPS", ssl.create_default_context())[0], ssl.get_default_verify_paths()
    finally:
        del os.environ["SSL_CERT_FILE"]


def timeouts():
    """A secure socket that does not block, and one with a time limit."""
    with socket.create_connection(("localhost", port("ECHO"))) as plain:
        with context().wrap_socket(plain, server_hostname="localhost") as secure:
            found = []
            for timeout in (0, 0.2):
                secure.settimeout(timeout)
                try:
                    found.append(secure.recv(1))
                except (ssl.SSLWantReadError, TimeoutError) as error:
                    found.append(type(error).__name__)
            secure.settimeout(60)
            secure.sendall(b"at last\n")
            return *found, secure.recv(100)


def urllib_request():
    url = f"https://localhost:{port('HTTPS')}"
    with urllib.request.urlopen(f"{url}/a", context=context(), timeout=60) as response:
        found = [response.status, response.read().decode()]
    with urllib.request.urlopen(f"{url}/large", b"body" * 100_000, context=context(), timeout=60) as response:
        found.append(len(response.read()))
    try:
        urllib.request.urlopen(f"https://localhost:{port('UNKNOWN')}")
    except OSError as error:
        found.append(shown(error.reason))
    return found


def http_client():
    connection = http.client.HTTPSConnection("localhost", port("HTTPS"), context=context())
    found = []
    for path in ("/a", "/b"):  # on one connection
        connection.request("GET", path)
        found.append(connection.getresponse().read().decode())
    connection.close()
    return found


def smtp():
    with smtplib.SMTP_SSL("localhost", port("SMTPS"), context=context()) as client:
        found = [client.sendmail("a@example.com", ["b@example.com"], "Subject: hello\n\nhello")]
    with smtplib.SMTP("localhost", port("SMTP")) as client:
        found.append(client.starttls(context=context()))
        found.append(client.sendmail("a@example.com", ["b@example.com"], "Subject: hello\n\nhello"))
    try:
        with smtplib.SMTP("localhost", port("SMTP")) as client:
            client.starttls(context=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        found.append(shown(error))
    return found


def imap():
    with imaplib.IMAP4_SSL("localhost", port("IMAPS"), ssl_context=context()) as client:
        found = [client.login("me", "x"), client.select()]
    with imaplib.IMAP4("localhost", port("IMAP")) as client:
        found += [client.starttls(context()), client.login("me", "x"), client.select()]
    return found


def own_server():
    """Both ends, in memory."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain("/certificates/server.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [context().wrap_bio(back, there, server_hostname="localhost"), server.wrap_bio(there, back, server_side=True)]
    for end in [*ends, *ends]:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
    ends[0].write(b"ping")
    ends[1].write(ends[1].read().upper())
    return ends[0].read(), ends[0].version(), ends[0].get_channel_binding() == ends[1].get_channel_binding()


def digests():
    """`hashlib`, with the algorithms that only OpenSSL has."""
    found = [hashlib.new(name, b"x").hexdigest()[:8] for name in ("sha256", "ripemd160", "sha512_256", "sm3", "blake2b", "md5")]
    return found, hashlib.sha256.__module__, hashlib.pbkdf2_hmac("sha256", b"x", b"y", 1).hex()[:8]


Run = program(
    version,
    versions,
    old_version,
    early_context,
    certificates,
    unverified,
    client_certificate,
    default_places,
    timeouts,
    urllib_request,
    http_client,
    smtp,
    imap,
    own_server,
    digests,
)
