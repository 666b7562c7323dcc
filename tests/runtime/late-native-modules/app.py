"""Modules of CPython's that have a library of their own are there when something asks for them at run time, and only then."""

import re
import sys
import uuid
from collections import Counter
from typing import Callable, Dict, List

import wit_world


def in_function() -> None:
    import csv
    import sqlite3

    assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
    assert list(csv.reader(["a,b"])) == [["a", "b"]]


def by_the_library() -> None:
    # `uuid5` imports hashlib, which imports all its modules.
    assert str(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org")) == "886313e1-3b8a-5372-9b90-0c9aee199e5d"
    assert Counter("abca").most_common(1) == [("a", 2)]


def codecs() -> None:
    assert "bücher".encode("idna") == b"xn--bcher-kva"
    assert "日本".encode("Shift-JIS") == b"\x93\xfa\x96\x7b"
    import texts

    assert "中".encode(texts.ENCODING) == b"\xa4\xa4"


def character_names() -> None:
    assert re.fullmatch(r"\N{DIGIT ONE}", "1")


def code_from_text() -> None:
    exec("import array, cmath, unicodedata")


def not_asked_for() -> None:
    for name in ("_de" + "cimal", "_ls" + "prof"):
        try:
            __import__(name)
        except ModuleNotFoundError as error:
            assert error.name == name
        else:
            raise AssertionError("found")


CHECKS: Dict[str, Callable[[], None]] = {
    check.__name__: check for check in (in_function, by_the_library, codecs, character_names, code_from_text, not_asked_for)
}
FEW_NEED = ["_codecs_jp", "_codecs_kr", "_codecs_tw", "_csv", "_decimal", "_json", "_lsprof", "_pickle", "_sqlite3", "_zstd", "pyexpat", "unicodedata"]


class WitWorld(wit_world.WitWorld):
    def attempt(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "ok"

    def there(self) -> List[str]:
        return [name for name in FEW_NEED if name in sys.builtin_module_names]
