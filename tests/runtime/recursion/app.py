"""Deep recursion ends in an exception, never in a trap, on a host with its default stack."""

import ast
import copy
import json
import marshal
import pickle
import re
from collections import OrderedDict, defaultdict, deque
from typing import Any, Callable, Dict

import wit_world


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def recurse(depth: int) -> int:
    return 0 if depth == 0 else 1 + recurse(depth - 1)


def through_c(depth: int) -> int:
    """Each level goes through C: map() and sorted() call back into Python."""
    return 0 if depth == 0 else sorted([depth], key=lambda _: through_c(depth - 1))[0]


class Attribute:
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"<{self.inner!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribute) and self.inner == other.inner


def attributes(depth: int) -> Attribute:
    value = Attribute(None)
    for _ in range(depth):
        value = Attribute(value)
    return value


class Ordered(OrderedDict[int, Any]):
    pass


class Default(defaultdict[int, Any]):
    pass


class Queue(deque[Any]):
    pass


def dropped(make: Callable[[Any], Any], depth: int) -> str:
    """Containers of subclasses, whose deallocators call those of their bases."""
    value = None
    for _ in range(depth):
        value = make(value)
    del value
    return "fine"


KINDS: Dict[str, Callable[[int], object]] = {
    "json.loads": lambda n: json.loads("[" * n + "]" * n),
    "json.loads object": lambda n: json.loads('{"a":' * n + "1" + "}" * n),
    "json.dumps": lambda n: json.dumps(nested(n)),
    "json.dumps indent": lambda n: json.dumps(nested(n), indent=1),
    "repr": lambda n: repr(nested(n)),
    "repr of objects": lambda n: repr(attributes(n)),
    "compile parentheses": lambda n: compile("(" * n + ")" * n, "s", "eval"),
    "compile unary": lambda n: compile("-" * n + "1", "s", "eval"),
    "compile attributes": lambda n: compile("a" + ".b" * n, "s", "eval"),
    "compile additions": lambda n: compile("1" + "+1" * n, "s", "eval"),
    "ast.literal_eval": lambda n: ast.literal_eval("[" * n + "]" * n),
    "pickle.dumps": lambda n: pickle.dumps(nested(n)),
    "pickle both": lambda n: pickle.loads(pickle.dumps(nested(n))),
    "copy.deepcopy": lambda n: copy.deepcopy(nested(n)),
    "re": lambda n: re.compile("(" * n + ")" * n),
    "re alternatives": lambda n: re.compile("(?:a|" * n + "b" + ")" * n),
    "recursion": recurse,
    "recursion through C": through_c,
    "compare": lambda n: nested(n) == nested(n),
    "compare objects": lambda n: attributes(n) == attributes(n),
    "hash": lambda n: hash(_tuples(n)),
    "dealloc": lambda n: nested(n) and None,
    "dealloc ordered": lambda n: dropped(lambda inner: Ordered([(1, inner)]), n),
    "dealloc default": lambda n: dropped(lambda inner: Default(None, {1: inner}), n),
    "dealloc queue": lambda n: dropped(lambda inner: Queue([inner]), n),
    "marshal.loads tuple": lambda n: marshal.loads(b")\x01" * n + b"N"),
    "marshal.loads dict": lambda n: marshal.loads(b"{N" * n + b"N" + b"0" * n),
    "marshal.dumps": lambda n: marshal.dumps(nested(n)),
    "str.format": lambda n: "{:" * n,
    "isinstance": lambda n: isinstance(1, _tuples(n)),
}


def _tuples(depth: int) -> Any:
    value: Any = ()
    for _ in range(depth):
        value = (value,)
    return value


class WitWorld(wit_world.WitWorld):
    def nest(self, what: str, depth: int) -> str:
        try:
            KINDS[what](depth)
        except (RecursionError, MemoryError) as error:
            return type(error).__name__
        except Exception as error:
            return f"other: {type(error).__name__}"
        return "fine"
