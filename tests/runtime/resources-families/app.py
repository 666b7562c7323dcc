"""Resources that the host wants dropped before others, let go in every order."""

import ast
import asyncio
import gc
import itertools
from typing import Any

import componentize_py_runtime
import wit_world
from wit_world.imports import tree
from wit_world.imports.tree import Body, Edge, Input, Node, Poll, Request


def open_all() -> list[Any]:
    request = Request()
    body = request.open_body()
    stream = body.open_stream()
    return [request, body, stream, stream.open_poll()]


def in_every_order() -> int:
    """By reference count."""
    count = 0
    for order in itertools.permutations(range(4)):
        family: list[Any] = open_all()
        for index in order:
            family[index] = None
        count += 1
    return count


def left_in_every_order() -> int:
    """At the end of a `with` block."""
    count = 0
    for order in itertools.permutations(range(4)):
        family = open_all()
        for index in order:
            family[index].__exit__(None, None, None)
        count += 1
    return count


def in_circles() -> int:
    """By the collector, which goes through garbage in an order of its own."""
    count = 0
    for order in itertools.permutations(range(4)):
        family = open_all()
        circle = [family[index] for index in order]
        for one, other in zip(circle, circle[1:] + circle[:1]):
            one.other = other
        del family, circle, one, other
        count += 1
    gc.collect()
    return count


class Garbage:
    """Keeps what it has until the collector comes."""

    def __init__(self, *kept: Any) -> None:
        self.kept = kept
        self.me = self


def evaluate(source: str) -> Any:
    tree_ = ast.parse(source)
    *statements, last = tree_.body
    scope: dict[str, Any] = dict(globals())
    exec(compile(ast.Module(statements, []), "source", "exec"), scope)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "source", "exec"), scope)
        return None
    return eval(compile(ast.Expression(last.value), "source", "eval"), scope)


class WitWorld(wit_world.WitWorld):
    def run(self, source: str) -> str:
        try:
            return str(evaluate(source))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    async def later(self) -> str:
        request = Request()
        first, second = await asyncio.gather(tree.open_later(request), tree.open_later(request))
        del request
        stream = first.open_stream()
        del first
        del second
        return str(stream.number() > 0)

    def body_of_nobody(self) -> Body:
        return Request().body()

    def live(self) -> str:
        gc.collect()
        return str(componentize_py_runtime.live()["handles"])
