"""Libraries with C code of their own work in the guest."""

import bz2
import datetime
import decimal
import hashlib
import lzma
import sqlite3
import struct
import unicodedata
import xml.etree.ElementTree as ElementTree
import zlib
from compression import zstd
from typing import Callable, Dict

import wit_world

DATA = b"componentize " * 1000


def check_sqlite() -> None:
    with sqlite3.connect(":memory:") as db:
        db.execute("create table t (a integer, b text)")
        db.executemany("insert into t values (?, ?)", [(1, "x"), (2, "y")])
        assert db.execute("select sum(a), group_concat(b) from t").fetchone() == (3, "x,y")


def check_codec(compress: Callable[[bytes], bytes], decompress: Callable[[bytes], bytes]) -> None:
    packed = compress(DATA)
    assert len(packed) < len(DATA) // 10
    assert decompress(packed) == DATA


def check_hashes() -> None:
    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf")
    assert hashlib.blake2b(b"abc").hexdigest().startswith("ba80a53f")
    assert hashlib.sha3_256(b"abc").hexdigest().startswith("3a985da7")
    assert hashlib.md5(b"abc").hexdigest().startswith("90015098")


def check_misc() -> None:
    assert decimal.Decimal(1) / 7 == decimal.Decimal("0.1428571428571428571428571429")
    assert datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).isoformat() == "2026-01-01T00:00:00+00:00"
    assert struct.pack("<I", 1) == b"\1\0\0\0"
    assert unicodedata.name("ü") == "LATIN SMALL LETTER U WITH DIAERESIS"
    assert ElementTree.fromstring("<a><b>t</b></a>").findtext("b") == "t"
    assert "ü".encode("cp1252").decode("latin-1") == "ü"


CHECKS: Dict[str, Callable[[], None]] = {
    "zlib": lambda: check_codec(zlib.compress, zlib.decompress),
    "bz2": lambda: check_codec(bz2.compress, bz2.decompress),
    "lzma": lambda: check_codec(lzma.compress, lzma.decompress),
    "zstd": lambda: check_codec(zstd.compress, zstd.decompress),
    "sqlite3": check_sqlite,
    "hashlib": check_hashes,
    "misc": check_misc,
}
for _check in CHECKS.values():
    _check()  # while building, too


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        try:
            CHECKS[what]()
            return "ok"
        except Exception as error:
            return repr(error)
