"""From `module:attribute` to an application, and the interface that it has.

WSGI and ASGI applications are told apart by their signatures, as other servers do.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from ._errors import ApplicationError

INTERFACES = ("wsgi", "asgi")


def load(name: str, factory: bool) -> Any:
    """Returns the application called `module:attribute`, or what the function of that name makes."""
    module_name, colon, attributes = name.partition(":")
    parts = (*module_name.split("."), *attributes.split("."))
    if not colon or not all(part.isidentifier() for part in parts) or module_name.endswith(".py"):
        hint = "name the application as `module:attribute`, such as `main:app`"
        if attributes.endswith(")"):
            hint = f"name the function as `{name.partition('(')[0]}`, and say `--factory`"
        elif module_name.endswith(".py"):
            hint = f"name the module without its suffix: `{module_name.removesuffix('.py')}:{attributes}`"
        raise ApplicationError("format", f"`{name}` does not name an application", hint)
    found = _module(module_name)
    for attribute in attributes.split("."):
        try:
            found = getattr(found, attribute)
        except AttributeError:
            raise _no_attribute(found, module_name, attributes) from None
    if factory:
        return _made(found, name)
    if not callable(found):
        reason = f"`{name}` is of the type `{type(found).__name__}`, which is not an application"
        raise ApplicationError("not-callable", reason, "name a WSGI or ASGI application")
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A missing import of the module is a failure of the module.
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise ApplicationError("module", f"there is no module `{error.name}`", "is its directory on the path?") from None


def _no_attribute(found: Any, module: str, attributes: str) -> ApplicationError:
    members: Mapping[str, Any] = getattr(found, "__dict__", {})
    values = {name: value for name, value in members.items() if callable(value) and not name.startswith("_")}
    names = [name for name, value in values.items() if not inspect.isclass(value)]
    # Instances with `__call__` are the likeliest: frameworks' applications are such.
    objects = [name for name in names if not inspect.isroutine(values[name]) and _is_application(values[name])]
    functions = [name for name in names if _is_function_of(module, values[name]) and _is_application(values[name])]
    wanted = attributes.rpartition(".")[2]
    likely = [*objects, *functions]
    similar = [name for name in difflib.get_close_matches(wanted, names) if name not in likely]
    candidates = [*likely, *similar]
    hint = f"it has {' and '.join(f'`{name}`' for name in candidates[:3])}" if candidates else "name what the module defines"
    return ApplicationError("attribute", f"the module `{module}` has no attribute `{attributes}`", hint, candidates)


def _is_function_of(module: str, found: Any) -> bool:
    """Returns whether a function is the module's own, and calls its first parameter as applications do.

    Any function with two parameters could be a WSGI application.
    """
    if not inspect.isfunction(found) or found.__module__ != module:
        return False
    first = next(iter(inspect.signature(found).parameters), "")
    return first.startswith("env") or first == "scope"


def _made(function: Any, name: str) -> Any:
    if not callable(function) or inspect.iscoroutinefunction(function) or _required(function) not in (0, None):
        reason = f"`{name}` is not a function without parameters that makes an application"
        raise ApplicationError("factory", reason, "leave out `--factory` if it is the application itself")
    made = function()
    if not callable(made):
        reason = f"`{name}` made a `{type(made).__name__}`, which is not an application"
        raise ApplicationError("not-callable", reason, "return a WSGI or ASGI application")
    return made


def interface_of(app: Any) -> str:
    """Returns `wsgi` or `asgi`."""
    if not callable(app):
        reason = f"an object of the type `{type(app).__name__}` is not an application"
        raise ApplicationError("not-callable", reason, "give a WSGI or ASGI application")
    plain = app
    while isinstance(plain, functools.partial):
        plain = plain.func
    if inspect.isclass(plain):
        return _interface_of_class(app, plain)
    call = plain if inspect.isroutine(plain) else type(plain).__call__
    if inspect.iscoroutinefunction(call):
        return "asgi"
    return _by_parameters(app, _required(app))


def _is_application(found: Any) -> bool:
    try:
        interface_of(found)
    except Exception:  # such as Flask's `request`, which can be called and inspected within a request only
        return False
    return True


def _interface_of_class(app: Any, cls: type[Any]) -> str:
    """A class that is called for each request: PEP 3333 has one that is iterated, ASGI 3 one that is awaited."""
    if hasattr(cls, "__await__"):
        return "asgi"
    if hasattr(cls, "__iter__"):
        return "wsgi"
    if inspect.iscoroutinefunction(getattr(cls, "__call__", None)) and _required(app) == 1:
        raise _asgi2(app)
    return _by_parameters(app, _required(app))


def _by_parameters(app: Any, required: int | None) -> str:
    name = getattr(app, "__name__", type(app).__name__)
    match required:
        case 0:
            reason = f"`{name}` has no parameters, so it seems to be a function that makes the application"
            raise ApplicationError("factory", reason, "say `--factory`")
        case 1:
            raise _asgi2(app)
        case 2:
            return "wsgi"
        case 3:
            return "asgi"
        case _:
            reason = f"`{name}` has neither the parameters of a WSGI application (environ, start_response) nor of an ASGI "
            hint = "say `--interface wsgi` or `--interface asgi` if it is one"
            raise ApplicationError("interface", f"{reason}application (scope, receive, send)", hint)


def _asgi2(app: Any) -> ApplicationError:
    name = getattr(app, "__name__", type(app).__name__)
    reason = f"`{name}` has one parameter, as applications of ASGI 2 have, which ended in 2019"
    return ApplicationError("asgi2", reason, "`asgiref.compatibility.guarantee_single_callable` makes one of ASGI 3")


def _required(function: Any) -> int | None:
    """The number of parameters that a call has to give, or `None` if any number does or nobody can tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in positional and one.default is one.empty for one in parameters)
