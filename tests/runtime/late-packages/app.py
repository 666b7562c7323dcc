"""Packages that are imported only at run time, when the files of the build are gone: wherever they lie, whatever they hold."""

import pkgutil
import warnings
from importlib import import_module, resources
from typing import Any, Callable, Dict

import framework
import hooks
import shelf
import shelf.inner
import shelf.reading
import wit_world

INSTALLED = ["framework.plugin", "framework.middleware.chosen.Chosen"]
LISTED = ["listed_one", "no_such_module"]


def namespaces() -> None:
    import spread.left.mod
    from spread import right

    assert (spread.left.mod.NAME, right.NAME) == ("left", "right")
    assert len(spread.__path__) == 2
    import spread.only

    assert resources.files("spread.only").joinpath("data/words.txt").read_text() == "only data\n"
    assert resources.files(spread.only).joinpath("more.txt").read_text() == "more data\n"


def extended() -> None:
    from extended import first, second

    assert (first.NAME, second.NAME) == ("first", "second")


def left_out() -> None:
    """Nobody needs these while building, so that the build does not fail."""
    import_errors = {}
    try:
        import old_python
    except ImportError as error:
        import_errors[error.name] = str(error)
    try:
        import too_deep
    except ImportError as error:
        import_errors[error.name] = str(error)
    assert "SyntaxError: Missing parentheses in call to 'print'" in import_errors["old_python"], import_errors
    assert "`too_deep` was left out while building: " in import_errors["too_deep"], import_errors


def own_finders() -> None:
    import generated

    assert generated.NAME == "generated"
    try:
        import explodes
    except RuntimeError as error:
        assert str(error) == "boom"
    try:
        import leaves
    except SystemExit as error:
        assert error.code == 3
    try:
        import nothing.inner
    except ImportError:
        pass


def deep() -> None:
    import deep_sum

    assert deep_sum.VALUE == sum(range(600))
    assert deep_sum.NAMES(1) == 1 + sum(range(600))


def characters() -> None:
    import lettered

    assert lettered.SIGN == "☃"


def literals() -> None:
    assert import_module("literal_one").NAME == "literal"
    assert __import__("literal_two").NAME == "two"
    import own

    assert own.relative() == "sub"


def computed() -> None:
    import computing
    import computing.by_hand

    assert [computing.part(1), computing.part(2)] == ["part one", "part two"]
    # Text that has these names would be followed.
    for name in (text.replace("/", ".") for text in ("computing/parts/tests", "typed_only/", "by_hand_only/")):
        name = name.rstrip(".")
        try:
            import_module(name)
        except ModuleNotFoundError:
            continue
        raise AssertionError(name)


def put_together() -> None:
    from choosing.tools import chosen, commands

    assert commands() == ["run", "stop"]
    assert chosen("fast", "de", "plain") == ["fast", "de", "plain"]
    number = "first"
    assert import_module(f"plugins.{number}").NAME == "own plugin"


def by_text() -> None:
    assert import_module(framework.DEFAULT.rpartition(".")[0]).Standard
    assert import_module(INSTALLED[1].rpartition(".")[0]).Chosen
    assert import_module(f"{INSTALLED[0]}.commands.run").NAME == "run"
    assert import_module(LISTED[0]).NAME == "listed"


def data_of(package: Any) -> None:
    name = package.__name__
    assert resources.read_text(package, "texts/words.txt") == "one\ntwo\n"
    assert resources.read_text(name, "latin.txt", encoding="latin-1") == "café"
    assert resources.read_text(name, "latin.txt", encoding="ascii", errors="replace") == "caf\ufffd"
    assert resources.read_binary(name, "texts", "words.txt") == b"one\ntwo\n"
    with resources.open_text(name, "texts/words.txt") as text:
        assert text.readlines() == ["one\n", "two\n"]
    with resources.open_binary(name, "texts/words.txt") as binary:
        assert binary.read(3) == b"one"
    with resources.path(name, "texts/words.txt") as path:
        assert path.name == "words.txt" and path.read_bytes() == b"one\ntwo\n"
    assert resources.is_resource(name, "latin.txt") and not resources.is_resource(name, "texts")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sorted(resources.contents(name)) == ["__init__.py", "inner", "latin.txt", "reading.py", "texts"]
    files = resources.files(name)
    assert (files / "texts").is_dir() and not (files / "texts").is_file() and not (files / "none").is_file()
    assert [entry.name for entry in files.joinpath("texts").iterdir()] == ["words.txt"]
    assert files.joinpath("inner", "..", "texts/words.txt").read_text(encoding="utf-8") == "one\ntwo\n"
    assert sorted(str(found.relative_to(files)) for found in files.rglob("*.txt")) == ["inner/deep.txt", "latin.txt", "texts/words.txt"]
    assert [found.name for found in files.glob("*.txt")] == ["latin.txt"]
    with resources.as_file(files / "texts") as directory:
        assert (directory / "words.txt").exists()
    assert resources.files(f"{name}.inner").joinpath("deep.txt").read_text() == "inner"
    try:
        files.joinpath("none.txt").read_text()
    except FileNotFoundError as error:
        assert "none.txt" in str(error)
    else:
        raise AssertionError("found")
    assert pkgutil.get_data(name, "texts/words.txt") == b"one\ntwo\n"
    reader = package.__loader__.get_resource_reader(name)
    assert reader.open_resource("latin.txt").read() == b"caf\xe9"
    assert reader.is_resource("latin.txt") and "texts" in reader.contents()


def late_data() -> None:
    import holder
    import holder.inner
    import holder.reading

    data_of(holder)
    assert holder.reading.read() == b"one\ntwo\n"


def loaded_data() -> None:
    data_of(shelf)
    assert shelf.reading.read() == b"one\ntwo\n"


def listing() -> None:
    import own

    assert [(found.name, found.ispkg) for found in pkgutil.iter_modules(own.__path__)] == [("sub", True)]
    import computing

    names = [found.name for found in pkgutil.walk_packages(computing.__path__, "computing.")]
    assert names == ["computing.by_hand", "computing.parts", "computing.parts.part1", "computing.parts.part2"], names
    assert {"app", "own", "shelf"} <= {found.name for found in pkgutil.iter_modules()}


CHECKS: Dict[str, Callable[[], None]] = {
    check.__name__: check
    for check in (
        namespaces,
        extended,
        left_out,
        own_finders,
        deep,
        characters,
        literals,
        computed,
        put_together,
        by_text,
        late_data,
        loaded_data,
        listing,
    )
}


class WitWorld(wit_world.WitWorld):
    def attempt(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "ok"
