"""A module with a docstring."""

from __future__ import annotations

import json
import sys

import helped
import wit_world


class Documented:
    """A class."""


class Bare:
    """A class with more."""

    "Text behind it is no docstring."
    kept = "kept"

    def method(self) -> str:
        """A method."""
        return "returned"


if sys.maxsize:
    try:

        async def inner() -> None:
            """A function further in."""
    finally:
        pass

    match sys.byteorder:
        case "little":

            def matched() -> str:
                """A function in a case."""
                return "matched"


def same() -> str:
    """same"""
    return "same"


def outer(first: str) -> object:
    """A function with another one."""

    def made() -> str:
        """Made later."""
        return first

    return made


class Property:
    @property
    def prop(self) -> str:
        """A property."""
        return "property"


READ = Documented.__doc__


def generated() -> None:
    f"""Not a docstring: {sys.byteorder}"""


class WitWorld(wit_world.WitWorld):
    def shown(self) -> list[str]:
        ours = [sys.modules[__name__], Documented, Bare, Bare.method, inner, matched, generated, helped, helped.function]
        ours += [outer, outer("x"), Property.prop, json.dumps]
        return [
            *(str(one.__doc__) for one in ours),
            str(type(self).__doc__),
            Bare().method() + Bare.kept + matched() + same() + Property().prop,
            str(READ),
        ]

    def asserts(self) -> str:
        try:
            assert not ours(), "asserted"
        except AssertionError as error:
            return str(error)
        return "not asserted"

    def late(self) -> str:
        from helped_late import function

        return str(function.__doc__)


def ours() -> bool:
    return True
