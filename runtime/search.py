"""Modules that might be imported: found without importing anything, read, and searched for their own imports in turn.

Finders and loaders may be the application's own, and the modules that they find may be broken. None of that fails the build:
such a module is left out, and `-v` says so. Reserved for the runtime, and gone at run time.
"""

import functools
import marshal
import os
import sys
import zipimport
from encodings.aliases import aliases
from importlib import machinery

from _componentize_py_imports import STDLIB, Stdlib, of_code, parts, top
from _componentize_py_known import ENCODINGS
from _componentize_py_packing import pack

_GIVEN = (machinery.BuiltinImporter, machinery.FrozenImporter)
# With these, a package may lie in several directories at once, even though it has an `__init__.py`.
_EXTENDING = frozenset(("extend_path", "declare_namespace"))

_ENTRY_POINTS = frozenset(("entry_points", "iter_entry_points"))
_RUNNING = frozenset("exec eval __import__ import_module".split())

# All codecs that are modules, by their proper names; most have aliases, too.
_CODECS = frozenset((*aliases.values(), *ENCODINGS))
_fill_cache = machinery.FileFinder._fill_cache
_get_filename = zipimport.zipimporter.get_filename
_find_builtin = machinery.BuiltinImporter.find_spec  # before `bundle.py` watches the calls

stdlib = Stdlib()
left_out = {}  # module name -> why, in words


class Text:
    """The possible meanings of text in code: names of codecs and modules, characters by name, and more code."""

    def __init__(self, code, computes):
        # A dot at the end marks a package in which some module is looked up.
        self.modules = set()
        self.groups = set()
        self.codecs, self.has_characters, self.runs_code = set(), False, False
        for part, _ in parts(code):
            self.runs_code |= not _RUNNING.isdisjoint(part.co_names)
            constants = list(part.co_consts)
            finds_entry_points = not _ENTRY_POINTS.isdisjoint(part.co_names)
            for constant in constants:
                if isinstance(constant, str):
                    self._note(constant, computes)
                    if finds_entry_points:
                        self.groups.add(constant)
                elif isinstance(constant, (tuple, frozenset)):
                    constants.extend(constant)

    def _note(self, text, computes):
        self.has_characters |= "\\N{" in text
        codec = text.lower().replace("-", "_") if len(text) < 20 else ""
        codec = aliases.get(codec, codec)
        if codec in _CODECS:
            self.codecs.add(codec)
        if len(text) < 200:
            # The beginning of a name, as in `"drivers.%s"`, `"drivers." + name` and f-strings.
            start = text.partition("%")[0].partition("{")[0]
            is_beginning = computes and (start != text or text.endswith("."))
            name = start.rpartition(".")[0] if is_beginning else text
            if ("." in name or computes) and all(map(str.isidentifier, name.split("."))):
                self.modules.add(name + "." * is_beginning)


class Module:
    """`paths` are a package's directories, None for other modules; `code` is the form that `finder.py` keeps, or None.

    There may be thousands, so they hold little: memory that was used once stays in the component, if only as gaps.
    """

    def __init__(self, spec):
        paths = spec.submodule_search_locations
        self.file, self.paths = spec.origin, None if paths is None else list(paths)
        self.code, self.at_import, self.in_functions, self.computes, self.text = None, (), (), False, None
        self.is_given = _is_a(spec.loader, _GIVEN)
        self.is_native = _is_a(spec.loader, machinery.ExtensionFileLoader)
        self.is_of_stdlib = is_of_stdlib(spec)

    def use(self, code, name):
        self.at_import, self.in_functions, self.computes = of_code(code, name, self.paths is not None)
        self.code, self.text = pack(marshal.dumps(code)), Text(code, self.computes)
        if self.paths and not _EXTENDING.isdisjoint(code.co_names):
            self.paths.extend(path for path in _portions(name) if path not in self.paths)


def _is_a(loader, classes):
    return isinstance(loader, classes) or isinstance(loader, type) and issubclass(loader, classes)


def is_of_stdlib(spec):
    return str(getattr(spec, "origin", None) or "").startswith(STDLIB)


def is_of_compiled(spec):
    """Returns whether this is a directory without code beside a compiled file of its name, which it belongs to."""
    if spec.loader is not None:
        return False
    # Does not iterate over the path of a namespace package: that asks for its parent, which need not be imported.
    locations = spec.submodule_search_locations or ()
    for directory in getattr(locations, "_path", locations):
        above, _, name = directory.rpartition("/")
        is_compiled = any(e.startswith(f"{name}.") and e.endswith((".so", ".pyd", ".dylib")) for e in _entries(above))
        if is_compiled and not any(e.endswith(".py") for _, _, entries in os.walk(directory) for e in entries):
            return True
    return False


def _entries(directory):
    try:
        return os.listdir(directory)
    except OSError:
        return []


class _Everything:
    """Replaces a listing: each name may exist, and is looked up."""

    def __contains__(self, name):
        return True


def _filename(self, name):
    """The same for the standard library, without reading the code: CPython would keep the names in it for good."""
    if self.archive.startswith(STDLIB):
        last = name.rpartition(".")[2]
        for end in ("/__init__.pyc", ".pyc"):
            path = f"{self.prefix}{last}{end}"
            if path in self._get_files():
                return f"{self.archive}/{path}"
    return _get_filename(self, name)


def look_without_reading():
    """Finds modules of the standard library without their code."""
    zipimport.zipimporter.get_filename = _filename


def look_without_listing(roots):
    """Finds modules in these directories by their names alone, so that unused files leave no trace in memory."""

    def fill_cache(self):
        if self.path in roots:
            self._path_cache = _Everything()
        else:
            _fill_cache(self)

    machinery.FileFinder._fill_cache = fill_cache


def look_as_usual():
    """Undoes both."""
    machinery.FileFinder._fill_cache = _fill_cache
    zipimport.zipimporter.get_filename = _get_filename


def attributes(module):
    """Avoids `getattr`, which may import more in lazy modules."""
    try:
        return object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}


def paths_of(module):
    """A loaded package's directories; None if it is not a package."""
    try:
        return list(map(os.fspath, attributes(module)["__path__"]))
    except Exception:
        return None  # or no longer one: the path of a namespace package is looked up in its parent


def _lies_in_stdlib(name):
    """Returns whether a module of the standard library, and none of the user's, has this name."""
    if top(name) not in sys.stdlib_module_names:
        return False
    path = f"/{top(name)}"
    users = [entry for entry in sys.path if not entry.startswith(STDLIB)]
    return not any(os.path.exists(f"{entry}{path}{end}") for entry in users for end in ("", ".py", ".so"))


def say_left_out(name, error):
    # The standard library is in order, unless the application has changed the interpreter, which must not go unnoticed.
    if _lies_in_stdlib(name):
        raise error
    reason = f"{type(error).__name__}: {error}"
    left_out[name] = f"`{name}` was left out while building: {reason}"
    try:
        os.write(2, f"`{name}` is left out: {reason}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # perhaps the application has closed the stream


def _search_path(name):
    """The place where a module would lie; None if its parent is not a package."""
    parent = name.rpartition(".")[0]
    if not parent:
        return sys.path
    if parent in sys.modules:  # it may have changed its path
        return paths_of(sys.modules[parent])
    found = read(parent)
    return found.paths if found else None


def _portions(name):
    """The directories of all packages of this name, put together like `pkgutil.extend_path` does."""
    last = name.rpartition(".")[2]
    for directory in _search_path(name) or ():
        path = f"{directory}/{last}"
        if os.path.isfile(f"{path}/__init__.py"):
            yield path


def _specs(name):
    """The specs of all finders, in order."""
    path = _search_path(name)
    if path is None or not all(name.split(".")):
        return
    for finder in list(sys.meta_path):
        if finder is machinery.PathFinder:
            # `find_spec` makes the path of a namespace package one that is looked up in its parent, which does not exist here.
            spec = finder._get_spec(name, path)
            if spec is not None and is_of_compiled(spec):
                continue
        else:
            find_spec = _find_builtin if finder is machinery.BuiltinImporter else getattr(finder, "find_spec", None)
            spec = find_spec and find_spec(name, path if "." in name else None, None)
        if spec is not None:
            yield spec, finder is machinery.PathFinder


def _found(name):
    for spec, is_usual in _specs(name):
        module = Module(spec)
        if spec.loader is None:
            if module.paths:
                module.file = None
                return module
        elif module.is_given:
            module.at_import, module.in_functions = stdlib(name)
            return module
        elif module.is_native:
            return module
        elif module.is_of_stdlib and is_usual:
            module.code = pack(spec.loader.get_data(spec.origin)[16:])  # after the header
            module.at_import, module.in_functions = stdlib(name)
            return module
        elif (code := _code(spec)) is not None:
            module.use(code, name)
            return module
    return None


def _code(spec):
    """None for loaders with their own ways: they may exist at run time, too."""
    get_code = getattr(spec.loader, "get_code", None)
    return get_code and get_code(spec.name)


@functools.cache
def read(name):
    try:
        return _found(name)
    except ModuleNotFoundError:
        return None  # some finders say so in this way
    except BaseException as error:
        say_left_out(name, error)
        return None
