"""Objects of the snapshot end as they do in any process, however the snapshot keeps what is written to few pages."""

import gc
import sys
import weakref
from typing import Callable, Dict, List

import wit_world

CHECKS: Dict[str, Callable[[], None]] = {}
ENDED: List[str] = []


def check(function: Callable[[], None]) -> Callable[[], None]:
    CHECKS[function.__name__] = function
    return function


class Watched:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        ENDED.append(self.name)


class Node:
    """Part of a cycle."""

    other: "Node"


def holder(watched: Watched) -> Callable[[], str]:
    return lambda: watched.name


# All of these are made while building.
ALONE: List[Watched] = [Watched("in a list")]
IN_TUPLES: List[tuple[Watched, str]] = [(Watched("in a tuple"), "text")]
IN_DICTS: Dict[str, Watched] = {"key": Watched("in a dict")}
FINALIZED = {weakref.ref: Node()}
weakref.finalize(FINALIZED[weakref.ref], ENDED.append, "finalized")
CYCLE: List[Node] = [Node(), Node()]
CYCLE[0].other, CYCLE[1].other = CYCLE[1], CYCLE[0]
CYCLE_ENDS = [weakref.ref(node) for node in CYCLE]
BOUND = [Watched("of a bound method").__init__]


class Plain:
    """Without a finalizer."""

    def __init__(self, **parts: object) -> None:
        self.__dict__.update(parts)


class Named(dict[str, object]):
    """A dict of Python's."""


# Objects without finalizers that lead to one, also around a circle; the first ones are older than what they lead to.
OLDER: Plain = Plain()
LEADING: Dict[str, object] = {
    "plain": Plain(part=Plain(part=[{"deep": Watched("led to by plain objects")}])),
    "dict": Named(part=(Plain(part=Watched("led to by a dict")),)),
    "older": OLDER,
}
OLDER.part = Plain(back=OLDER, part=Watched("led to by an older object"))  # type: ignore[attr-defined]
SETTINGS = {"names": ["a", "b"], "limits": Plain(most=5, parts=(1, {2}, Named(key="value")))}
CACHE: Dict[int, List[object]] = {number: [number, str(number)] for number in range(10_000)}
SPACE: Dict[str, Callable[[], str]] = {}
exec("def many():\n" + "".join(f"    x{n % 3} = 'c{n}'\n" for n in range(300)) + "    return x0 + x1 + x2", SPACE)
STARTED = (number * 2 for number in range(5))
next(STARTED)
BLOCKS: List[bytearray | tuple[int, ...] | str | None] = [
    "x" * (number % 600) + str(number) if number % 2 else tuple(range(number % 90)) for number in range(20_000)
]
# Leaves holes of all sizes, and pools that are empty.
for index in range(0, len(BLOCKS), 3):
    BLOCKS[index] = None


@check
def objects_end() -> None:
    for container in (ALONE, IN_TUPLES, IN_DICTS, FINALIZED, BOUND):
        container.clear()
    assert sorted(ENDED) == ["finalized", "in a dict", "in a list", "in a tuple", "of a bound method"], ENDED


@check
def plain_objects_end_if_somebody_sees_it() -> None:
    global OLDER
    ENDED.clear()
    del LEADING["plain"], LEADING["dict"]
    assert sorted(ENDED) == ["led to by a dict", "led to by plain objects"], ENDED
    del LEADING["older"], OLDER
    gc.unfreeze()
    gc.collect()
    assert ENDED[2:] == ["led to by an older object"], ENDED


@check
def plain_objects_change() -> None:
    """They are as they were, whoever counts references to them."""
    limits = SETTINGS["limits"]
    SETTINGS["names"].append("c")  # type: ignore[attr-defined]
    limits.most += 1  # type: ignore[attr-defined]
    limits.watched = Watched("an attribute of a plain object")  # type: ignore[attr-defined]
    assert SETTINGS["names"] == ["a", "b", "c"] and limits.most == 6  # type: ignore[attr-defined]
    assert limits.parts == (1, {2}, {"key": "value"})  # type: ignore[attr-defined]
    ENDED.clear()
    del limits.watched  # type: ignore[attr-defined]
    assert ENDED == ["an attribute of a plain object"], ENDED
    for number in range(10_000):
        CACHE[number].append(str(number))
        CACHE[number] = [CACHE[number][0], str(number + 1), Watched("in a new list")]
    assert CACHE[9_999][:2] == [9_999, "10000"]
    ENDED.clear()
    CACHE[5] = []
    assert ENDED == ["in a new list"], ENDED
    SETTINGS.clear()
    CACHE.clear()
    again = [{"key": str(number)} for number in range(50_000)]
    assert all(entry["key"] == str(number) for number, entry in enumerate(again))


@check
def cycles_are_collected() -> None:
    CYCLE.clear()
    gc.unfreeze()
    gc.collect()
    assert [end() is None for end in CYCLE_ENDS] == [True, True]
    # Whatever the collector walks now includes what was made immortal.
    later = [Node(), Node()]
    later[0].other, later[1].other = later[1], later[0]
    ends = weakref.ref(later[0])
    del later
    gc.collect()
    assert ends() is None and holder(Watched("later"))() == "later"


@check
def classes_change() -> None:
    before = Node().__class__.__name__
    Node.__name__ = "Renamed"
    Node.added = lambda self: 5  # type: ignore[attr-defined]
    assert (before, Node().added(), Node.__name__) == ("Node", 5, "Renamed")  # type: ignore[attr-defined]
    module = sys.modules[__name__]
    del module.holder  # type: ignore[attr-defined]
    assert not hasattr(module, "holder")


@check
def constants_stay() -> None:
    def constants(number: int) -> tuple[object, ...]:
        return ("a constant", 1.5, 12345678901234567890, b"bytes", (1, (2, "nested")), number)

    for number in range(50_000):
        result = constants(number)
    assert result == ("a constant", 1.5, 12345678901234567890, b"bytes", (1, (2, "nested")), 49_999)


@check
def code_of_the_snapshot_runs() -> None:
    """With more constants than an instruction can number, from where it stopped, and traced."""
    assert SPACE["many"]() == "c297c298c299"
    assert next(STARTED) == 2 and list(STARTED) == [4, 6, 8]
    lines: List[int] = []

    def trace(frame: object, event: str, argument: object) -> object:
        if event == "line":
            lines.append(1)
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]
    traced = SPACE["many"]()
    sys.settrace(None)
    assert traced == "c297c298c299" and len(lines) == 301, len(lines)


@check
def free_memory_is_used() -> None:
    """First the memory that waits, then all holes of the snapshot, then more."""
    kept = [str(number) * (number % 60) for number in range(100_000)]
    for index in range(0, len(BLOCKS), 2):
        BLOCKS[index] = None
    more = [tuple(range(number % 100)) for number in range(20_000)]
    assert all(text == str(number) * (number % 60) for number, text in enumerate(kept))
    assert all(len(numbers) == number % 100 for number, numbers in enumerate(more))
    for index in range(1, len(BLOCKS), 6):
        number, block = index, BLOCKS[index]
        assert block is None or block == "x" * (number % 600) + str(number)
    del kept, more
    BLOCKS.clear()
    again = [bytes((number % 256,)) * (number % 512) for number in range(50_000)]
    assert all(len(block) == number % 512 for number, block in enumerate(again))


@check
def loops_become_fast() -> None:
    """Code is specialized in the end."""
    import dis

    def loop(values: List[int]) -> int:
        total = 0
        for value in values:
            total += value
        return total

    assert loop(list(range(300_000))) == 44999850000
    names = [instruction.opname for instruction in dis.get_instructions(loop, adaptive=True)]
    assert "BINARY_OP_ADD_INT" in names and "FOR_ITER_LIST" in names, names


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        CHECKS[what]()
        return "ok"
