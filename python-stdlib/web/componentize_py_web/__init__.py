"""WSGI and ASGI applications as handlers of `wasi:http`.

For an application `app` in `main.py` and a world that exports `wasi:http/incoming-handler@0.2`:

    import componentize_py_web
    from main import app

    IncomingHandler = componentize_py_web.handler(app)

In a world that exports `wasi:http/handler@0.3` the class is called `Handler`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _interface, _warm, _wsgi
from ._errors import ApplicationError as ApplicationError
from ._errors import ClientDisconnected as ClientDisconnected
from ._world import World


def wsgi(
    app: Any, *, warm_up: Sequence[str] = (), wasi: str | None = None, world_module: str = "wit_world"
) -> type[Any]:
    """Returns the class that answers requests by the WSGI application `app`.

    `warm_up` has paths that the application answers while the component is built, so that what it loads and caches for them
    is in the component. `wasi` is the version of the handler, `0.2` or `0.3`, for worlds that export both. `world_module` is the
    name of the bindings, if it is not the usual one.
    """
    world = World(world_module, wasi)
    _warm.import_late()
    _warm.ask_wsgi(app, world, warm_up)
    if world.wasi == "0.2":
        return _wsgi.handler(app, world)
    from . import _wsgi3

    return _wsgi3.handler(app, world)


def asgi(
    app: Any,
    *,
    lifespan: str = "request",
    warm_up: Sequence[str] = (),
    wasi: str | None = None,
    world_module: str = "wit_world",
) -> type[Any]:
    """Returns the class that answers requests by the ASGI application `app`.

    `lifespan` says when its startup and shutdown run: around requests (`request`, the default), once in each instance and
    without a shutdown (`instance`), while the component is built (`build`), or not at all (`off`). For the other options see
    `wsgi`.
    """
    # A WSGI application needs no asyncio.
    from . import _warm_asgi
    from ._lifespan import Lifespan

    world = World(world_module, wasi)
    state = Lifespan(app, lifespan)
    _warm.import_late()
    # A world without asynchronous functions lacks what the module for 0.3 imports, and the other way round.
    if world.wasi == "0.2":
        from . import _asgi2

        made = _asgi2.handler(app, world, state)
    else:
        from . import _asgi3

        made = _asgi3.handler(app, world, state)
    _warm_asgi.ask_asgi(app, world, state, warm_up)
    return made


def handler(app: Any, interface: str | None = None, **options: Any) -> type[Any]:
    """Returns the class that answers requests by `app`, whose interface is `wsgi`, `asgi` or what its signature shows.

    The options are those of `wsgi` and `asgi`.
    """
    if interface is None:
        interface = _interface.interface_of(app)
    if interface == "asgi":
        return asgi(app, **options)
    if interface == "wsgi":
        return wsgi(app, **options)
    raise ApplicationError("interface", f"there is no interface `{interface}`", "`wsgi` or `asgi`")


def application(name: str, interface: str | None = None, factory: bool = False, **options: Any) -> type[Any]:
    """Returns the class that answers requests by the application called `module:attribute`.

    With `factory`, that is a function that makes the application. Raises `ApplicationError` for what is not one.
    """
    return handler(_interface.load(name, factory), interface, **options)
