"""PyMySQL: escaping and errors, and a connection that is attempted."""

import datetime

import pymysql
from pymysql.converters import escape_item, escape_string


def test_escaping():
    assert escape_string("it's") == "it\\'s"
    assert escape_item(datetime.date(2026, 1, 2), "utf8mb4") == "'2026-01-02'"
    assert escape_item(None, "utf8mb4") == "NULL" and escape_item(True, "utf8mb4") == "1"


def test_refused_connection():
    try:
        pymysql.connect(host="127.0.0.1", port=1, user="me", password="x", connect_timeout=2)
    except pymysql.err.OperationalError as error:
        assert error.args[0] == 2003 and "127.0.0.1" in error.args[1], error
        return
    raise AssertionError("a connection without a server")


def test_password():
    from pymysql._auth import scramble_native_password

    assert len(scramble_native_password(b"secret", b"01234567890123456789")) == 20
