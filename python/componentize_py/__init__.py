"""Turns Python applications and WIT worlds into WebAssembly components.

    import componentize_py

    componentize_py.bindings("bindings", wit_path="wit")
    componentize_py.componentize("app", wit_path="wit", output="app.wasm")

The options are those of the command line, `componentize-py --help`. A failure raises an `Error`, whose class says where
the fault is.
"""

from __future__ import annotations

from ._api import bindings, componentize, install, wheel
from ._command import main
from ._errors import (
    AppError,
    ConfigError,
    Error,
    FileError,
    InternalError,
    UsageError,
    UserError,
    WitError,
)
from ._native import VERSION

__all__ = [
    "AppError",
    "ConfigError",
    "Error",
    "FileError",
    "InternalError",
    "UsageError",
    "UserError",
    "WitError",
    "__version__",
    "bindings",
    "componentize",
    "install",
    "main",
    "script",
    "wheel",
]

__version__ = VERSION

# Tracebacks show the module from which callers import them.
for _class in (Error, UserError, UsageError, WitError, AppError, ConfigError, FileError, InternalError):
    _class.__module__ = __name__

# The name that componentize-py 0.25.1 has for it.
script = main
