"""Calls of every kind, again and again: nothing may be left, neither of Python's nor of the host's."""

import gc
import sys
from typing import Any, Callable, Dict, List

import wit_world
import wit_world.exports
from componentize_py_runtime import live
from componentize_py_types import Err, Ok, Some
from wit_world.imports import kinds
from wit_world.imports.kinds import Color, Parcel, Permissions, Point

PARCEL = Parcel("parcel", ["a", "bé" * 20], Point(1, -2), {"s": [1, 2, 65535], "t": []})
# A value for each import.
VALUES: Dict[str, Any] = {
    "echo_number": 2**64 - 1,
    "echo_float": 0.5,
    "echo_char": "😀",
    "echo_string": "é" * 50,
    "echo_bytes": b"bytes" * 50,
    "echo_numbers": [1, 2**32 - 1] * 50,
    "echo_strings": ["a", "bé", ""] * 10,
    "echo_parcel": PARCEL,
    "echo_parcels": [PARCEL, PARCEL],
    "echo_shapes": [
        kinds.Shape_Circle(1.5),
        kinds.Shape_Labelled(("label", 1)),
        kinds.Shape_Many([Point(1, 2), Point(3, 4)]),
        kinds.Shape_Nothing(),
    ],
    "echo_option": Some("some"),
    "echo_result": (Ok("ok"), Err(None)),
    "echo_color": Color.DARK_GREEN,
    "echo_permissions": Permissions.READ | Permissions.WRITE,
    "echo_map": {"a": {1: "one", 2: "two"}, "b": {}},
    "echo_fixed": b"1234",
    "echo_names": [["a", "b"], ["c", "d"]],
    "echo_wide": ("wide", PARCEL, ["x", "y", "z"], "one", "two", "three"),
}
# A part of each that does not fit comes last, so that as much as can be is lowered before.
WRONG: Dict[str, Any] = {
    "echo_number": 2**64,
    "echo_float": "0.5",
    "echo_char": "ab",
    "echo_string": "lone \udc00",
    "echo_bytes": [1, 2, 256],
    "echo_numbers": [1, 2, None],
    "echo_strings": ["a" * 100, "b\udc00"],
    "echo_parcel": Parcel("parcel", ["a"], Point(1, 2), {"s": [1], "t": [65536]}),
    "echo_parcels": [PARCEL, Parcel("p", ["a"], None, {1: []})],  # type: ignore[dict-item]
    "echo_shapes": [kinds.Shape_Labelled(("label", 1)), kinds.Shape_Many([Point(1, 2), None])],  # type: ignore[list-item]
    "echo_option": Some(5),
    "echo_result": (Ok("ok"), 5),
    "echo_color": "red",
    "echo_permissions": Permissions.READ.value,
    "echo_map": {"a": {1: "one"}, "b": {256: "x"}},
    "echo_fixed": b"123",
    "echo_names": [["a", "b"], ["c"]],
    "echo_wide": ("wide", PARCEL, ["x", "y", "z"], "one", "two", 3),
}


class Growth:
    """What a function leaves behind, once all that is made only once is made."""

    def __init__(self, function: Callable[[], object], count: int) -> None:
        for _ in range(max(count // 10, 10)):
            function()
        gc.collect()
        before = self.figures()
        for _ in range(count):
            function()
        gc.collect()
        after = self.figures()
        self.grown = {
            name: (before[name], after[name])
            for name in before
            # Some blocks are the figures' own; a leak would be as many as there were calls.
            if abs(after[name] - before[name]) > (16 if name in ("blocks", "objects") else 0)
        }

    def figures(self) -> Dict[str, int]:
        return {"blocks": sys.getallocatedblocks(), "objects": len(gc.get_objects()), **live()}


def grown(actions: Dict[str, Callable[[], object]], count: int) -> List[str]:
    assert live() == {"lifted": 0, "lowered": 0, "handles": 0}, live()
    results = {name: Growth(action, count).grown for name, action in actions.items()}
    assert live() == {"lifted": 0, "lowered": 0, "handles": 0}, live()
    return [f"{name}: {figures}" for name, figures in results.items() if figures]


def fails(function: Callable[..., object], value: object) -> None:
    try:
        function(value)
    except (TypeError, ValueError, OverflowError, MemoryError):
        return
    raise AssertionError(f"{function.__name__} did not fail")


class Unmakeable(Exception):
    pass


class Countdown:
    """Stands in for the classes that lifting calls: the n-th object that it makes is one too many."""

    def __init__(self) -> None:
        self.left = -1
        for made in (Parcel, Point, kinds.Shape_Circle, kinds.Shape_Labelled, kinds.Shape_Many, kinds.Shape_Nothing, Some):
            self.wrap(made)

    def wrap(self, made: Any) -> None:
        original = made.__init__

        def __init__(this: Any, *arguments: Any) -> None:
            if self.left == 0:
                self.left = -1
                raise Unmakeable
            self.left -= 1
            original(this, *arguments)

        made.__init__ = __init__


def failing_lifts(function: Callable[[Any], object], value: object, countdown: Countdown) -> int:
    """How many objects it takes to lift the value; lifting fails at each of them once."""
    for number in range(100):
        countdown.left = number
        try:
            function(value)
        except Unmakeable:
            continue
        countdown.left = -1
        return number
    raise AssertionError("it always fails")


class Kinds(wit_world.exports.Kinds):
    pass


for _name in VALUES:
    setattr(Kinds, _name, lambda self, v: v)
Kinds.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


class WitWorld(wit_world.WitWorld):
    def calls(self, count: int) -> List[str]:
        return grown({name: lambda f=getattr(kinds, name), v=value: f(v) for name, value in VALUES.items()}, count)

    def failing_lowers(self, count: int) -> List[str]:
        return grown({name: lambda f=getattr(kinds, name), v=value: fails(f, v) for name, value in WRONG.items()}, count)

    def failing_lifts(self, count: int) -> List[str]:
        countdown = Countdown()
        names = ["echo_parcel", "echo_parcels", "echo_shapes", "echo_option", "echo_wide"]
        needed = {name: failing_lifts(getattr(kinds, name), VALUES[name], countdown) for name in names}
        print(needed)
        return grown(
            {name: lambda f=getattr(kinds, name), v=VALUES[name]: failing_lifts(f, v, countdown) for name in names}, count
        )

    def live(self) -> str:
        return repr(live())
