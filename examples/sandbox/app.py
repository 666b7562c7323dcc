"""Runs untrusted Python code: this component is built with `--stub-wasi`, so it can reach nothing."""

import ast
import contextlib
import io

# The code can import only modules that are present when the component is built: there are no files at run time.
import collections  # noqa: F401
import dataclasses  # noqa: F401
import itertools  # noqa: F401
import json  # noqa: F401
import math  # noqa: F401
import re  # noqa: F401
import statistics  # noqa: F401

import wit_world
from componentize_py_types import Err

# To show the line of an error, Python reads the file, but the sandbox cannot read files. No file has this name.
NO_FILE = "\ud800"


class WitWorld(wit_world.WitWorld):
    def run(self, code: str) -> str:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value = execute(code)
        except SyntaxError as error:
            raise Err(f"{type(error).__name__}: {error.msg}, line {error.lineno}") from None
        except BaseException as error:
            # `SystemExit` too, since the code has no process to end.
            raise Err(f"{type(error).__name__}: {error}".removesuffix(": ")) from None
        return printed.getvalue() + ("" if value is None else repr(value))


def execute(code: str) -> object:
    """The value of the last statement if that is an expression, as at Python's prompt."""
    module = ast.parse(code, NO_FILE)
    names: dict[str, object] = {"__name__": "__main__"}
    last = module.body.pop() if module.body and isinstance(module.body[-1], ast.Expr) else None
    exec(compile(module, NO_FILE, "exec"), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    value: object = eval(compile(ast.Expression(last.value), NO_FILE, "eval"), names)
    return value
