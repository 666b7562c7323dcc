"""The bindings of `wasi:http` in the application's world.

Their modules have different names in different worlds, so they are looked up, while the component is built.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from ._errors import ApplicationError

# The classes that the runtime looks for in the application, by the version of WASI.
EXPORTS = {"0.2": "IncomingHandler", "0.3": "Handler"}


class World:
    """The modules that a handler needs."""

    def __init__(self, name: str, wasi: str | None) -> None:
        """Looks for the handler that the world exports; `wasi` decides if it exports several."""
        try:
            exports: Any = importlib.import_module(f"{name}.exports")
        except ModuleNotFoundError as error:
            if error.name not in (name, f"{name}.exports"):
                raise
            exports = None
        offered = [version for version, export in EXPORTS.items() if hasattr(exports, export)]
        if wasi is not None:
            offered = [version for version in offered if version == wasi]
        if len(offered) != 1:
            raise ApplicationError(
                "world",
                f"`{name}` exports {'several HTTP handlers' if offered else 'no HTTP handler'}",
                "say which with `wasi=`" if offered else "use a world such as `wasi:http/proxy` or `wasi:http/service`",
            )
        self.wasi: str = offered[0]
        protocol = getattr(exports, EXPORTS[self.wasi])
        # The annotation names the module: `types.IncomingRequest`.
        module = protocol.handle.__annotations__["request"].rpartition(".")[0]
        self.types: Any = getattr(exports, module)
        self.root: Any = importlib.import_module(name)
        self.methods = _methods(self.types)
        self.schemes: dict[type, str] = {self.types.Scheme_Http: "http", self.types.Scheme_Https: "https"}

    def future(self, payload: str) -> Any:
        """The function that makes a future of a `result` with this payload and an error code."""
        module: ModuleType = self.types
        short = module.__name__.rpartition(".")[2]
        return getattr(self.root, f"result_{payload.format(short)}_{short}_error_code_future")


def _methods(types: Any) -> dict[type, str]:
    names = ("Get", "Head", "Post", "Put", "Delete", "Connect", "Options", "Trace", "Patch")
    return {getattr(types, f"Method_{name}"): name.upper() for name in names}


def split_authority(authority: str, scheme: str) -> tuple[str, str]:
    """The host and the port of an authority, such as `localhost:8080` or `[::1]`; the default port if it has none."""
    authority = authority.rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = (host if colon and not port else authority), "443" if scheme == "https" else "80"
    return host, port
