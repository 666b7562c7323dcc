"""Runs the functions of the application that its arguments name. For WASI 0.2."""

import asyncio
import inspect
import os
import sys
from typing import Any, Callable, Type

from wit_world import exports

AUTHORITY = "/certificates/ca.pem"


def port(name: str) -> int:
    return int(os.environ[name])


def shown(error: BaseException) -> str:
    """An exception, up to what may differ."""
    text = str(error).partition(" (_ssl.c")[0]
    return f"{type(error).__module__}.{type(error).__qualname__}: {text}"


def program(*functions: Callable[[], Any]) -> Type[exports.Run]:
    by_name = {function.__name__: function for function in functions}

    class Run(exports.Run):
        def run(self) -> None:
            for name in sys.argv[1:]:
                print(name)
                try:
                    found = by_name[name]()
                    if inspect.iscoroutine(found):
                        found = asyncio.run(found)
                    lines = str(found).splitlines()
                except Exception as error:
                    lines = [shown(error)]
                for line in lines:
                    print(f"    {line}")

    return Run
