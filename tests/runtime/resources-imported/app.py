"""Resources that the host implements."""

import ast
from typing import Any

import wit_world
from componentize_py_types import Err, Ok, Result
from wit_world.imports import things
from wit_world.imports.things import Careful, Either, Either_Many, Either_NoneOfThem, Either_One, Pair, Thing

kept: list[Thing] = []


class Named(Thing):
    """A subclass with a constructor of its own."""

    def __init__(self, name: str, extra: int) -> None:
        super().__init__(name)
        self.extra = extra


class Forgetful(Thing):
    def __init__(self) -> None:
        pass


def evaluate(source: str) -> Any:
    tree = ast.parse(source)
    *statements, last = tree.body
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

    def pass_(self, t: Thing) -> Thing:
        return t

    def look(self, t: Thing) -> str:
        return t.label()

    def look_at_all(self, t: list[Thing]) -> list[str]:
        return [one.label() for one in t]

    def pass_pair(self, p: Pair) -> Pair:
        return p

    def pass_either(self, e: Either) -> Either:
        return e

    def pass_result(self, r: Result[Thing, Thing]) -> Thing:
        if isinstance(r, Err):
            raise r
        return r.value

    def keep_borrow(self, t: Thing) -> None:
        kept.append(t)

    def use_kept(self) -> str:
        try:
            return kept[-1].label()
        except ValueError as error:
            return str(error)

    def return_borrow(self, t: Thing) -> Thing:
        return t

    def keep(self, t: Thing) -> None:
        kept.append(t)

    def give_back(self) -> Thing:
        return kept.pop()
