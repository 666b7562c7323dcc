"""Finders and loaders of the application's own, good and bad."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional


class Exploding:
    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        if name == "explodes":
            raise RuntimeError("boom")
        if name == "leaves":
            raise SystemExit(3)
        return None


class Generated:
    """Has no `get_code`, and needs no file."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        return ModuleSpec(name, cls()) if name == "generated" else None

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.NAME = "generated"  # type: ignore[attr-defined]


def refusing(entry: str) -> None:
    if entry.endswith("/refused"):
        raise ValueError("a hook that fails in its own way")
    raise ImportError


sys.meta_path.insert(0, Exploding)
sys.meta_path.append(Generated)
sys.path_hooks.insert(0, refusing)
# Things that people put there.
sys.modules["nothing"] = None  # type: ignore[assignment]
odd = ModuleType("odd")
odd.__path__ = 5  # type: ignore[assignment]
odd.__spec__ = "none"  # type: ignore[assignment]
sys.modules["odd"] = odd
