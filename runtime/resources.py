"""`importlib.resources` over the package data that `bundle.py` took along. Reserved for the runtime."""

import io
import os
import pathlib
from importlib.resources.abc import TraversableResources
from importlib.resources.readers import MultiplexedPath

from _componentize_py_finder import data, Finder


class Path(pathlib.PosixPath):
    """A file or directory among the data, or else on the host."""

    def _name(self):
        return os.path.normpath(str(self))

    def _below(self):
        start = f"{self._name()}/"
        return (path[len(start) :] for path in data if path.startswith(start))

    def is_file(self, *, follow_symlinks=True):
        return self._name() in data or super().is_file(follow_symlinks=follow_symlinks)

    def is_dir(self, *, follow_symlinks=True):
        return any(self._below()) or super().is_dir(follow_symlinks=follow_symlinks)

    def exists(self, *, follow_symlinks=True):
        return self.is_file() or self.is_dir() or super().exists(follow_symlinks=follow_symlinks)

    def iterdir(self):
        names = {path.partition("/")[0] for path in self._below()}
        return (self / name for name in sorted(names)) if names else super().iterdir()

    def rglob(self, pattern, **options):
        names = {path[:end] for path in self._below() for end in (*_ends(path), len(path))}
        found = (self / name for name in sorted(names) if pathlib.PurePath(name).match(pattern))
        return found if names else super().rglob(pattern, **options)

    def glob(self, pattern, **options):
        names = {path[:end] for path in self._below() for end in (*_ends(path), len(path))}
        found = (self / name for name in sorted(names) if pathlib.PurePath(name).full_match(pattern))
        return found if names else super().glob(pattern, **options)

    def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        if self._name() not in data:
            return super().open(mode, buffering, encoding, errors, newline)
        if not set(mode) <= set("rbt"):
            raise PermissionError(30, "the data of packages is read-only", str(self))
        stream = io.BytesIO(Finder.get_data(self._name()))
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding, errors, newline)


def _ends(path):
    return (end for end, sign in enumerate(path) if sign == "/")


class _Reader(TraversableResources):
    def __init__(self, root):
        self._root = root

    def files(self):
        return self._root


def reader(directories):
    roots = [Path(str(directory)) for directory in directories]
    roots = [root for root in roots if root.is_dir()] or roots[:1]
    return _Reader(roots[0] if len(roots) == 1 else MultiplexedPath(*roots))
