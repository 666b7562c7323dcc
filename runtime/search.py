"""Modules that might be imported: found without importing anything, read, and searched for what they import in turn.

Finders and loaders may be the application's own, and what they find may be broken. None of that is a reason to fail: such a
module is left out, and `-v` says so. Reserved for the runtime, and gone at run time.
"""

import functools
import marshal
import os
import sys
import zlib
from encodings.aliases import aliases
from importlib import machinery

from _componentize_py_imports import STDLIB, Stdlib, of_code, parts, top
from _componentize_py_known import ENCODINGS

_GIVEN = (machinery.BuiltinImporter, machinery.FrozenImporter)
# With these, a package may lie in several directories at once, though it has an `__init__.py`.
_EXTENDING = frozenset(("extend_path", "declare_namespace"))

_RUNNING = frozenset("exec eval __import__ import_module".split())

# All codecs that are modules, by their proper names; few of them have no other.
_CODECS = frozenset((*aliases.values(), *ENCODINGS))
_fill_cache = machinery.FileFinder._fill_cache
_find_builtin = machinery.BuiltinImporter.find_spec  # before `bundle.py` watches who calls it

stdlib = Stdlib()
left_out = {}  # module name -> why, in words


class Text:
    """What the text in code may mean: names of codecs and modules, characters by their names, and more code."""

    def __init__(self, code, computes):
        # With a dot at its end, it is a package in which some module is looked for.
        self.modules = set()
        self.codecs, self.has_characters, self.runs_code = set(), False, False
        for part, _ in parts(code):
            self.runs_code |= not _RUNNING.isdisjoint(part.co_names)
            constants = list(part.co_consts)
            for constant in constants:
                if isinstance(constant, str):
                    self._note(constant, computes)
                elif isinstance(constant, (tuple, frozenset)):
                    constants.extend(constant)

    def _note(self, text, computes):
        self.has_characters |= "\\N{" in text
        codec = text.lower().replace("-", "_") if len(text) < 20 else ""
        codec = aliases.get(codec, codec)
        if codec in _CODECS:
            self.codecs.add(codec)
        if len(text) < 200:
            # The beginning of a name, as `"drivers.%s"`, `"drivers." + name` and f-strings have it.
            start = text.partition("%")[0].partition("{")[0]
            is_beginning = computes and (start != text or text.endswith("."))
            name = start.rpartition(".")[0] if is_beginning else text
            if ("." in name or computes) and all(map(str.isidentifier, name.split("."))):
                self.modules.add(name + "." * is_beginning)


class Module:
    """`paths` are a package's directories, None for other modules; `code` is what `finder.py` keeps of it, None where there is none.

    There may be thousands, so what they hold is little: memory that was used once stays in the component, if only as gaps.
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


def pack(packed):
    return zlib.compress(packed, 1)


def _is_a(loader, classes):
    return isinstance(loader, classes) or isinstance(loader, type) and issubclass(loader, classes)


def is_of_stdlib(spec):
    return str(getattr(spec, "origin", None) or "").startswith(STDLIB)


def is_of_compiled(spec):
    """Whether this is a directory without code beside a compiled file of its name: it belongs to that file."""
    if spec.loader is not None:
        return False
    # Not by iterating over the path of a namespace package: that asks for the package above, which need not be imported.
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
    """In place of a listing: each name may be there, and is looked for."""

    def __contains__(self, name):
        return True


def look_without_listing(roots):
    """Finds modules in these directories by their names alone, so that files which nobody asks for leave no trace in memory."""

    def fill_cache(self):
        if self.path in roots:
            self._path_cache = _Everything()
        else:
            _fill_cache(self)

    machinery.FileFinder._fill_cache = fill_cache


def list_again():
    """Takes that back."""
    machinery.FileFinder._fill_cache = _fill_cache


def attributes(module):
    """Without `getattr`, which may import more in modules that are lazy about it."""
    try:
        return object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}


def paths_of(module):
    """A loaded package's directories; None of what is no package."""
    try:
        return list(map(os.fspath, attributes(module)["__path__"]))
    except Exception:
        return None  # or what is none any more: the path of a namespace package is looked up in its parent


def _lies_in_stdlib(name):
    """Whether a module of the standard library has this name, and none of the user's."""
    if top(name) not in sys.stdlib_module_names:
        return False
    path = f"/{top(name)}"
    users = [entry for entry in sys.path if not entry.startswith(STDLIB)]
    return not any(os.path.exists(f"{entry}{path}{end}") for entry in users for end in ("", ".py", ".so"))


def say_left_out(name, error):
    # The standard library is in order, unless the application has changed the interpreter, which is not to be passed over.
    if _lies_in_stdlib(name):
        raise error
    reason = f"{type(error).__name__}: {error}"
    left_out[name] = f"`{name}` was left out while building: {reason}"
    try:
        os.write(2, f"`{name}` is left out: {reason}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # the application has closed the stream, say


def _search_path(name):
    """Where a module would lie; None if what it would lie in is no package."""
    parent = name.rpartition(".")[0]
    if not parent:
        return sys.path
    if parent in sys.modules:  # it may have changed its path
        return paths_of(sys.modules[parent])
    found = read(parent)
    return found.paths if found else None


def _portions(name):
    """The directories of all packages of this name, as `pkgutil.extend_path` puts them together."""
    last = name.rpartition(".")[2]
    for directory in _search_path(name) or ():
        path = f"{directory}/{last}"
        if os.path.isfile(f"{path}/__init__.py"):
            yield path


def _specs(name):
    """What each finder has to say, the first ones first."""
    path = _search_path(name)
    if path is None or not all(name.split(".")):
        return
    for finder in list(sys.meta_path):
        if finder is machinery.PathFinder:
            # `find_spec` makes the path of a namespace package one that is looked up in its parent, which is not there.
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
            module.code = pack(spec.loader.get_data(spec.origin)[16:])  # behind the header
            module.at_import, module.in_functions = stdlib(name)
            return module
        elif (code := _code(spec)) is not None:
            module.use(code, name)
            return module
    return None


def _code(spec):
    """None of loaders that have their own ways: they may be there at run time, too."""
    get_code = getattr(spec.loader, "get_code", None)
    return get_code and get_code(spec.name)


@functools.cache
def read(name):
    try:
        return _found(name)
    except ModuleNotFoundError:
        return None  # the way of some finders to say so
    except BaseException as error:
        say_left_out(name, error)
        return None
