"""rtls brings an extension for WASI preview 1 along, made for componentize-py; it needs random numbers for a handshake."""

import rtls


def _hello():
    incoming, outgoing = rtls.MemoryBIO(), rtls.MemoryBIO()
    tls = rtls.create_default_context().wrap_bio(incoming, outgoing, server_hostname="example.com")
    try:
        tls.do_handshake()
    except rtls.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("nobody has answered")


def test_the_first_message_of_a_client():
    hello = _hello()
    assert hello[:3] == b"\x16\x03\x01" and b"example.com" in hello, hello


def test_its_random_numbers():
    one, other = _hello()[11:43], _hello()[11:43]
    assert len(set(one)) > 8 and one != other, (one, other)
