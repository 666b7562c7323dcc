"""Prints what nobody may guess, and what two instances must never have in common. The contexts are made while the component is built."""

import secrets
import ssl
import sys

from wit_world import exports

client = ssl.create_default_context()
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.maximum_version = ssl.TLSVersion.TLSv1_2  # whose tickets are sent before anything is secret
at_build = ssl.RAND_bytes(32), secrets.token_bytes(32)


def client_random():
    """32 bytes behind the headers of the record and the message and behind the version."""
    sent = ssl.MemoryBIO()
    connection = client.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return sent.read()[11:43]


def ticket_key():
    """The name of the key of a session ticket: its first 16 bytes."""
    server.load_cert_chain("/certificates/server.pem")
    client.load_verify_locations("/certificates/ca.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there, server_hostname="localhost"), server.wrap_bio(there, back, server_side=True)]
    sent = b""
    for end in [*ends, *ends]:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
        if end is ends[1]:
            sent = back.read()
            back.write(sent)
    # A record of the handshake; in it the kind of message, its size, a lifetime and the ticket's size.
    assert sent[0] == 22 and sent[5] == 4, sent[:16]
    return sent[15:31]


class Run(exports.Run):
    def run(self) -> None:
        for value in (ssl.RAND_bytes(32), client_random(), ticket_key(), at_build[0]):
            print(value.hex())
