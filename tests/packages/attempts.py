"""The class of every application here, made from functions without parameters."""

from typing import Any, Callable, Type

import wit_world


def attempts(*checks: Callable[[], Any]) -> Type[wit_world.WitWorld]:
    """A class that calls one of these functions by its name, and returns its result or the exception as text."""
    by_name = {check.__name__: check for check in checks}

    class Attempts(wit_world.WitWorld):
        def attempt(self, what: str) -> str:
            try:
                return str(by_name[what]())
            except Exception as error:
                return f"{type(error).__name__}: {error}"

    return Attempts
