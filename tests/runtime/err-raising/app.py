"""`Err` as people use exceptions."""

import contextlib
import copy
import pickle
from typing import Iterator

import wit_world
from componentize_py_types import Err


class Refused(Err[str]):
    """An application's own error."""


class Odd(Err[str]):
    """One that forgets its payload."""

    def __init__(self) -> None:
        pass


@contextlib.contextmanager
def noted(note: str) -> Iterator[None]:
    try:
        yield
    except Err as error:
        error.add_note(note)
        raise


@contextlib.contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except ZeroDivisionError as error:
        raise Err("translated") from error


def deep(n: int) -> str:
    if n == 0:
        raise Err("from below")
    return deep(n - 1)


def generator() -> Iterator[str]:
    yield "one"
    raise Err("from a generator")


async def coroutine() -> str:
    raise Err("from a coroutine")


def plain() -> str:
    raise Err("plain")


def below() -> str:
    return deep(20)


def chained() -> str:
    with translated():
        return str(1 // 0)
    return "not reached"


def with_notes() -> str:
    with noted("first"), noted("second"):
        try:
            raise Err("noted")
        except Err as error:
            raise Err(f"{error.value}, then again") from error
    return "not reached"


def notes() -> str:
    try:
        with noted("first"), noted("second"):
            raise Err("noted")
    except Err as error:
        return ", ".join(error.__notes__)


def suppressed() -> str:
    with contextlib.suppress(Err):
        raise Err("unseen")
    return "suppressed"


def stack() -> str:
    with contextlib.ExitStack() as stack:
        stack.callback(print, "cleaned up")
        raise Err("through a stack")
    return "not reached"


def replaced() -> str:
    with contextlib.ExitStack() as stack:
        stack.push(lambda *error: True)
        raise Err("swallowed")
    return "swallowed by the stack"


def grouped() -> str:
    try:
        raise ExceptionGroup("several", [Err("one"), ValueError("two"), Err("three")])
    except* Err as group:
        return_value = ", ".join(repr(error) for error in group.exceptions)
    except* ValueError:
        pass
    return return_value


def alone_in_group() -> str:
    try:
        raise Err("naked")
    except* Err as group:
        raise group.exceptions[0]


def matched() -> str:
    shown = []
    for error in (Err("text"), Err(5), Err(None), Refused("no")):
        match error:
            case Refused(value):
                shown.append(f"refused {value}")
            case Err(value=str(text)):
                shown.append(f"text {text}")
            case Err(None):
                shown.append("nothing")
            case Err(other):
                shown.append(f"other {other}")
    return ", ".join(shown)


def compared() -> str:
    return f"{Err(1) == Err(1)} {Err(1) == Err(2)} {Err(1) == 1} {len({Err(1), Err(1), Err([])})}"


def copied() -> str:
    original = Refused("original")
    original.add_note("kept")
    copies = [copy.copy(original), copy.deepcopy(original), pickle.loads(pickle.dumps(original))]
    return str([(one == original, one.value, one.args, one.__notes__) for one in copies])


def shown() -> str:
    return f"{Err('x')} {Err('x')!r} {Refused(5)!r} {Err[int](3)!r}"


def own_class() -> str:
    raise Refused("refused")


def changed() -> str:
    try:
        raise Err("before")
    except Err as error:
        error.value = "after"
        raise


def generated() -> str:
    return "".join(generator())


def awaited() -> str:
    try:
        coroutine().send(None)
    except StopIteration as stop:
        return str(stop.value)
    return "not reached"


def finally_other() -> str:
    try:
        raise Err("lost")
    finally:
        print("finally")


def odd() -> str:
    raise Odd()


def not_text() -> str:
    raise Err(5)


def value_error() -> str:
    try:
        raise Err("inner")
    except Err as error:
        raise ValueError("outer") from error


def group_leaves() -> str:
    raise ExceptionGroup("several", [Err("one"), ValueError("two")])


def class_only() -> str:
    raise Err  # type: ignore[misc]


def interrupted() -> str:
    raise KeyboardInterrupt


class WitWorld(wit_world.WitWorld):
    def raised(self, way: str) -> str:
        return str(globals()[way]())

    def leaves(self, way: str) -> str:
        return str(globals()[way]())
