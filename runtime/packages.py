"""The contents of package directories apart from modules imported by name. Reserved for the runtime, and gone at run time."""

import os
import sys
import zlib
from importlib import machinery

from _componentize_py_finder import Finder, data
from _componentize_py_search import attributes, paths_of

# Not needed when modules are imported: code, its sources, and the sources of translations.
CODE_SUFFIXES = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dylib", ".a", ".c", ".h", ".pxd", ".pyx", ".exe", ".po", ".pot")
TESTS = ("test", "testing", "tests")
# Their data is that of the packages that they load, and the runtime serves these at run time.
_FILE_LOADERS = (machinery.SourceFileLoader, machinery.SourcelessFileLoader, machinery.NamespaceLoader)

# The most data in one file, which is read at once, and in all files, compressed: no host takes a component of more than 1 GiB.
LARGEST_FILE = 512 << 20
LARGEST_SUM = 768 << 20

_done = set()  # identities of the directories whose data has been taken
_same = {}  # compressed data -> itself: packages have the same files under several names
_sizes = {}  # path of a data file -> its size


class DataTooLarge(Exception):
    """More data than a component can hold: `failure` in wit/init.wit."""

    failure_kind = None  # boot.py knows the values
    module = ""

    def __init__(self, path, size):
        super().__init__(f"{path} {size}")
        self.name = path
        self.detail = str(size)


def _list(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def holds_installed(directory):
    """Returns whether an installer like pip has put packages there."""
    return any(entry.endswith(".dist-info") for entry in _list(directory))


def _identity(directory):
    try:
        status = os.stat(directory)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _above(directory):
    """The identities of the directories above: no link leads a walk back up."""
    above = {None}
    while directory := directory.rpartition("/")[0]:
        above.add(_identity(directory))
    return above


def submodules(package, directory, with_tests):
    """Names of all modules below a package's directory."""
    return _submodules(package, directory, with_tests, _above(directory) | {_identity(directory)})


def _submodules(prefix, directory, with_tests, visited):
    for entry in _list(directory):
        path, name = f"{directory}/{entry}", f"{prefix}.{entry}"
        if entry.endswith(".py") and entry != "__init__.py":
            yield name.removesuffix(".py")
        elif entry.isidentifier() and entry != "__pycache__" and os.path.isdir(path):
            identity = _identity(path)
            if identity not in visited and (with_tests or entry not in TESTS):
                visited.add(identity)
                yield name
                yield from _submodules(name, path, with_tests, visited)


def _data_files(directory, is_namespace, above):
    """The paths of the data files below a directory that has not been visited. Several links may lead to one place."""
    identity = _identity(directory)
    if identity in _done or identity in above:
        return
    _done.add(identity)
    for entry in _list(directory):
        path = f"{directory}/{entry}"
        if os.path.isdir(path):
            is_other = is_namespace and os.path.isfile(f"{path}/__init__.py")
            if entry != "__pycache__" and not entry.startswith(".") and not is_other:
                yield from _data_files(path, is_namespace, above)
        elif not entry.endswith(CODE_SUFFIXES) and path not in data:
            yield path


def _size(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def pack_data(directory, is_namespace):
    """Takes the data below a package's directory. Data of other packages in a namespace is taken when they are wanted."""
    paths = list(_data_files(directory, is_namespace, _above(directory)))
    # The sizes first, so that an error about too much data comes at once.
    for path in paths:
        _sizes[path] = _size(path)
        if _sizes[path] > LARGEST_FILE:
            raise DataTooLarge(path, _sizes[path])
    held = sum(map(len, _same))
    for path in paths:
        try:
            with open(path, "rb") as file:
                packed = zlib.compress(file.read(), 1)
        except OSError:
            continue  # perhaps a link that is not followed
        data[path] = _same.setdefault(packed, packed)
        held += len(packed)
        if held > LARGEST_SUM:
            raise DataTooLarge(path, sum(_sizes.values()))


def serve_loaded():
    """Code that wants a package's data asks the loader of one of its modules."""
    places = {path[:end] for path in data for end, sign in enumerate(path) if sign == "/"}
    for module in list(sys.modules.values()):
        has = attributes(module)
        directories = paths_of(module) or [str(has.get("__file__")).rpartition("/")[0]]
        if isinstance(has.get("__loader__"), _FILE_LOADERS) and not places.isdisjoint(directories):
            has["__loader__"] = Finder
            if isinstance(has.get("__spec__"), machinery.ModuleSpec):
                has["__spec__"].loader = Finder
