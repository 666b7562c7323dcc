"""What is imported or read only at run time, when the files of the build are gone."""

from importlib import import_module, resources
from pkgutil import get_data
from typing import Callable, Dict

import plugins
import wit_world


def standard_library() -> None:
    import difflib
    import fractions

    assert fractions.Fraction(1, 2) + fractions.Fraction(1, 3) == fractions.Fraction(5, 6)
    import xml.dom.minidom

    assert xml.dom.minidom.parseString("<a/>").documentElement.tagName == "a"
    assert difflib.get_close_matches("appel", ["apple", "peach"]) == ["apple"]


def own_module() -> None:
    import helper

    assert helper.VALUE == 5


def computed_name() -> None:
    assert import_module("plugins.sec" + "ond").NAME == "second"
    assert import_module("plugins.deep." + "inner").NAME == "deep"


def missing() -> None:
    for name in ("not_there", "plugins.not_there"):
        note = missing_note(name)
        assert note.startswith(f"No code that was seen while building imports {name!r} by its name"), note
        assert note.endswith(f"Build with `--include {name}` to take it along."), note


def missing_of_python() -> None:
    assert missing_note("tomllib").endswith("with `--include tomllib`, or with `--stdlib all`.")
    assert "so it is not in the component, if Python has it." in missing_note("xml.dom.nothing")
    assert missing_note("curses") == "Components do not have the module 'curses' of Python's standard library."


def missing_note(name: str) -> str:
    """The only note of the error."""
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        assert error.name == name
        return "".join(getattr(error, "__notes__", ()))
    raise AssertionError("found")


def package_data() -> None:
    assert resources.files("plugins").joinpath("data", "words.txt").read_text() == "one\ntwo\n"
    assert [entry.name for entry in resources.files("plugins").joinpath("data").iterdir()] == ["words.txt"]
    assert get_data("plugins", "data/words.txt") == b"one\ntwo\n"


def parse_time() -> None:
    import datetime

    assert datetime.datetime.strptime("2026-01-02", "%Y-%m-%d").day == 2


def encodings() -> None:
    assert "bücher".encode("idna") == b"xn--bcher-kva"
    assert "ü".encode("cp1252") == b"\xfc"


CHECKS: Dict[str, Callable[[], None]] = {
    check.__name__: check
    for check in (
        standard_library,
        own_module,
        computed_name,
        missing,
        missing_of_python,
        package_data,
        parse_time,
        encodings,
    )
}


class WitWorld(wit_world.WitWorld):
    def attempt(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "ok"
