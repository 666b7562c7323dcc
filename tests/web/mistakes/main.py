"""What is no application: the answers are the kinds and messages of `ApplicationError`."""

import functools
import sys
from typing import Any

from componentize_py_web import ApplicationError, _interface


def wsgi(environ: Any, start_response: Any) -> Any:
    name, _, options = environ["QUERY_STRING"].partition("&")
    try:
        found = _interface.load(name, options == "factory")
        text = _interface.interface_of(found)
    except ApplicationError as error:
        text = f"{error.kind}: {error} {list(error.candidates)}"
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


def middleware(scope: Any, receive: Any, send: Any) -> Any:
    return asgi(scope, receive, send)


def double(scope: Any) -> Any:
    return functools.partial(asgi, scope)


class Double:
    def __init__(self, scope: Any) -> None: ...

    async def __call__(self, receive: Any, send: Any) -> None: ...


class WsgiObject:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


class AsgiObject:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiClass:
    def __init__(self, environ: Any, start_response: Any) -> None: ...

    def __iter__(self) -> Any: ...


class AsgiClass:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...

    def __await__(self) -> Any: ...


@functools.wraps(wsgi)
def wrapped(*arguments: Any, **options: Any) -> Any: ...


def anything(*arguments: Any) -> Any: ...


def create_app(config: Any = None) -> Any:
    return wsgi


def create_nothing() -> Any:
    return None


def create_with(config: Any) -> Any: ...


async def create_async() -> Any: ...


class Nested:
    app = staticmethod(wsgi)


class Local:
    """Callable and no application, as Flask's `request` is: no error may propose it."""

    def __call__(self, *arguments: Any) -> Any: ...


request = Local()
number = 7
application = WsgiObject()
async_application = AsgiObject()
partly = functools.partial(asgi, send=None)
bound = WsgiObject().__call__
