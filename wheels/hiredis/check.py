"""The protocol of Redis: replies of all kinds, in pieces, and commands."""

import hiredis


def test_replies():
    reader = hiredis.Reader(encoding="utf-8")
    for data, reply in (
        (b"+OK\r\n", "OK"),
        (b":-42\r\n", -42),
        ("$6\r\nGrüß\r\n".encode(), "Grüß"),
        (b"$-1\r\n", None),
        (b"*3\r\n:1\r\n*1\r\n+a\r\n$0\r\n\r\n", [1, ["a"], ""]),
        (b",1.5\r\n", 1.5),
        (b"#t\r\n", True),
        (b"%1\r\n+k\r\n:1\r\n", {"k": 1}),
        (b"(123456789012345678901234567890\r\n", "123456789012345678901234567890"),
    ):
        reader.feed(data)
        assert reader.gets() == reply and reader.gets() is False, data


def test_pieces():
    reader = hiredis.Reader()
    data = b"*1000\r\n" + b"$5\r\nhello\r\n" * 1000
    for byte in data[:-1]:
        reader.feed(bytes([byte]))
        assert reader.gets() is False
    reader.feed(data[-1:])
    assert reader.gets() == [b"hello"] * 1000


def test_errors_of_the_server():
    class Reply(Exception):
        pass

    reader = hiredis.Reader(replyError=Reply)
    reader.feed(b"-ERR no such command\r\n")
    reply = reader.gets()
    assert isinstance(reply, Reply) and reply.args == ("ERR no such command",)


def test_broken_protocol():
    reader = hiredis.Reader()
    reader.feed(b"x")
    try:
        reader.gets()
    except hiredis.ProtocolError as error:
        assert "Protocol error" in str(error)
    else:
        raise AssertionError("accepted")


def test_commands():
    assert hiredis.pack_command(("SET", "ü", 5, 1.5, b"\0")) == b"*5\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$1\r\n5\r\n$3\r\n1.5\r\n$1\r\n\0\r\n"
