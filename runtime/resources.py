"""`importlib.resources` over the package data that `bundle.py` took along. Reserved for the runtime."""

import io
from importlib.resources.abc import Traversable, TraversableResources


class Path(Traversable):
    """A file or directory among the packed data."""

    def __init__(self, path, data, read):
        self._path, self._data, self._read = path, data, read

    def __str__(self):
        return self._path

    @property
    def name(self):
        return self._path.rpartition("/")[2]

    def is_file(self):
        return self._path in self._data

    def is_dir(self):
        return any(path.startswith(self._path + "/") for path in self._data)

    def iterdir(self):
        start = len(self._path) + 1
        names = {path[start:].partition("/")[0] for path in self._data if path.startswith(self._path + "/")}
        return (self.joinpath(name) for name in sorted(names))

    def joinpath(self, *parts):
        return Path("/".join((self._path, *map(str, parts))), self._data, self._read)

    __truediv__ = joinpath

    def open(self, mode="r", *args, **kwargs):
        stream = io.BytesIO(self._read(self._path))
        return stream if "b" in mode else io.TextIOWrapper(stream, *args, **kwargs)


class _Reader(TraversableResources):
    def __init__(self, root):
        self._root = root

    def files(self):
        return self._root


def reader(directory, data, read):
    return _Reader(Path(directory, data, read))
