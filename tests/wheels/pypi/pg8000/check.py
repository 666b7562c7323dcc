"""pg8000: values for PostgreSQL and from it, and a connection that is attempted."""

import datetime

import pg8000.dbapi
import pg8000.native
from pg8000.converters import PY_TYPES, interval_in, literal


def test_values():
    assert literal("it's") == "'it''s'" and literal(datetime.date(2026, 1, 2)) == "'2026-01-02'"
    assert PY_TYPES[datetime.date](datetime.date(2026, 1, 2)) == "2026-01-02"
    assert interval_in("3 days 04:05:06") == datetime.timedelta(days=3, hours=4, minutes=5, seconds=6)


def test_refused_connection():
    try:
        pg8000.native.Connection("me", host="127.0.0.1", port=1, timeout=2)
    except pg8000.native.InterfaceError as error:
        assert "127.0.0.1" in str(error), error
        return
    raise AssertionError("a connection without a server")


def test_scram():
    import scramp

    client = scramp.ScramClient(["SCRAM-SHA-256"], "user", "pencil", c_nonce="rOprNGfwEbeRWgbNEkqO")
    first = client.get_client_first()
    assert first == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", first
