"""The modules in a package's directory, for `pkgutil`: those that are loaded and those that were taken along. Reserved for the
runtime."""

import sys

from _componentize_py_finder import Finder, modules


def _modules():
    """The name, the file and whether it is a package."""
    for name, (directories, file, code) in modules.items():
        if type(code) is not str and file:
            yield name, file, directories is not None
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if getattr(spec, "has_location", False) and isinstance(spec.origin, str):
            yield name, spec.origin, spec.submodule_search_locations is not None


def top_level(prefix=""):
    return sorted({(prefix + name, is_package) for name, _, is_package in _modules() if "." not in name})


class Listing:
    """Replaces importlib's finder for a directory."""

    __slots__ = ("_path",)

    def __init__(self, path):
        self._path = path

    @staticmethod
    def find_spec(name, target=None):
        return Finder.find_spec(name)

    def iter_modules(self, prefix=""):
        found = {}
        for name, file, is_package in _modules():
            if self._path == file.rsplit("/", 2 if is_package else 1)[0]:
                found[name.rpartition(".")[2]] = is_package
        return [(prefix + name, found[name]) for name in sorted(found)]
