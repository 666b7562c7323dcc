"""What lies in the directories of packages besides the modules that are imported by name. Reserved for the runtime, and gone at run
time."""

import os
import sys
import zlib
from importlib import machinery

from _componentize_py_finder import Finder, data
from _componentize_py_search import attributes, paths_of

# Neither of use when modules are imported: code, its sources, and the sources of translations.
CODE_SUFFIXES = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dylib", ".a", ".c", ".h", ".pxd", ".pyx", ".exe", ".po", ".pot")
TESTS = ("test", "testing", "tests")
# Their data is that of the packages that they load, and these are served by us at run time.
_FILE_LOADERS = (machinery.SourceFileLoader, machinery.SourcelessFileLoader, machinery.NamespaceLoader)

_done = set()  # directories whose data has been taken
_same = {}  # compressed data -> itself: packages have the same files under several names


def _list(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _is_directory(path):
    return os.path.isdir(path) and not os.path.islink(path)


def holds_installed(directory):
    """Whether an installer like pip has put packages there."""
    return any(entry.endswith(".dist-info") for entry in _list(directory))


def submodules(prefix, directory, with_tests):
    """Names of all modules below a package's directory."""
    for entry in _list(directory):
        path = f"{directory}/{entry}"
        if entry.endswith(".py") and entry != "__init__.py":
            yield f"{prefix}.{entry.removesuffix('.py')}"
        elif entry.isidentifier() and entry != "__pycache__" and _is_directory(path):
            if with_tests or entry not in TESTS:
                yield f"{prefix}.{entry}"
                yield from submodules(f"{prefix}.{entry}", path, with_tests)


def pack_data(directory, is_namespace):
    """Takes the data below a package's directory. Other packages in a namespace have theirs taken when they are wanted."""
    if directory in _done:
        return
    _done.add(directory)
    for entry in _list(directory):
        path = f"{directory}/{entry}"
        if _is_directory(path):
            is_other = is_namespace and os.path.isfile(f"{path}/__init__.py")
            if entry != "__pycache__" and not entry.startswith(".") and not is_other:
                pack_data(path, is_namespace)
        elif not entry.endswith(CODE_SUFFIXES) and path not in data:
            try:
                with open(path, "rb") as file:
                    packed = zlib.compress(file.read(), 1)
            except OSError:
                continue  # a link to outside, say
            data[path] = _same.setdefault(packed, packed)


def serve_loaded():
    """Who wants a package's data asks the loader of one of its modules."""
    places = {path[:end] for path in data for end, sign in enumerate(path) if sign == "/"}
    for module in list(sys.modules.values()):
        has = attributes(module)
        directories = paths_of(module) or [str(has.get("__file__")).rpartition("/")[0]]
        if isinstance(has.get("__loader__"), _FILE_LOADERS) and not places.isdisjoint(directories):
            has["__loader__"] = Finder
            if isinstance(has.get("__spec__"), machinery.ModuleSpec):
                has["__spec__"].loader = Finder
