"""Work that is done while the component is built, so that its outcome is in the component's memory and no request does it."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterable
from typing import Any

from ._environ import Environment
from ._errors import ApplicationError
from ._world import World

# Modules that a package imports when it answers its first request.
LATE = {
    "anyio": ("anyio._backends._asyncio", "anyio.streams.memory", "anyio.to_thread"),
    "fastapi": ("fastapi.telemetry._runtime",),
    "jinja2": ("encodings.unicode_escape",),
    "werkzeug": ("encodings.idna",),
}


def import_late() -> None:
    """Imports what the frameworks that the application uses would import in every request."""
    for package, names in LATE.items():
        if package in sys.modules:
            for name in names:
                # Other versions may not have it.
                with contextlib.suppress(ImportError):
                    importlib.import_module(name)
    if "django.urls" in sys.modules:
        prepare_django()


def prepare_django() -> None:
    """Imports the URL configuration with its views, and the template engines. A fault in them is shown by the first request."""
    with contextlib.suppress(Exception):
        template: Any = importlib.import_module("django.template")
        urls: Any = importlib.import_module("django.urls")
        urls.get_resolver().url_patterns  # noqa: B018
        template.engines.all()


def ask_wsgi(app: Any, world: World, targets: Iterable[str]) -> None:
    """Lets the application answer `GET` requests, and throws the responses away."""
    environment = Environment(world)
    for target in targets:
        environ = environment.make(world.types.Method_Get(), target, None, "localhost", [])
        environ["wsgi.input"] = io.BytesIO()
        statuses: list[str] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            statuses.append(status)
            return len

        items = app(environ, start_response)
        try:
            for _ in items:
                pass
        finally:
            if hasattr(items, "close"):
                items.close()
        check(target, statuses[-1] if statuses else "no response")


def check(target: str, status: str) -> None:
    if not status[:1].isdecimal() or status[0] in "05":
        reason = f"the application answered `GET {target}` with {status} while it was built"
        raise ApplicationError("warm-up", reason, "warm up with a path that needs nothing from outside")
