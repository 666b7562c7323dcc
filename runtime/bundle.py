"""Imports that happen at run time, when the files of the build are gone.

While building, `watch` notes which modules the code of every imported module could still import; `pack` then takes the
code of those (and of what they import in turn) and the data files of the packages into memory, from where `finder.py`
serves them. Reserved for the runtime, and gone at run time.
"""

import functools
import marshal
import os
import sys
import zipimport
import zlib
from encodings.aliases import aliases
from importlib import _bootstrap_external, machinery

from _componentize_py_finder import NATIVE, Finder, data, modules
from _componentize_py_imports import STDLIB, TOOLS, Stdlib, of_code, parts, top

# Taken if the application asks or if a module that it asks for needs them, not if some function could.
UNLIKELY = frozenset("argparse asyncio ftplib http multiprocessing optparse ssl subprocess tracemalloc xmlrpc".split())
# Pure Python stand-ins for C modules that the guest has.
STAND_INS = frozenset("_py_abc _pydatetime _pydecimal _pyio _pylong".split())
# Imported when the module on the left is there: from C, which no bytecode shows, or by importlib's loaders for it.
ENCODINGS = (
    "ascii base64_codec charmap cp1250 cp1251 cp1252 cp437 hex_codec idna iso8859_1 iso8859_15 iso8859_2 latin_1 punycode "
    "raw_unicode_escape unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_8_sig"
)
FROM_C = {
    "_socket": ["encodings.idna"],
    "datetime": ["_strptime"],
    "importlib.resources": ["importlib.readers"],
    # Its extension `numpy.random.bit_generator` keeps names compressed, as Cython does.
    "numpy": ["secrets"],
    "time": ["_strptime"],
    "builtins": ["traceback", "warnings", *(f"encodings.{name}" for name in ENCODINGS.split())],
}
# Who uses these may run code that nobody has seen, and that may import native modules which have no module in Python around them.
DYNAMIC = frozenset("exec eval __import__ import_module".split())
BARE = ("array", "cmath", "unicodedata")
CODE_SUFFIXES = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dylib", ".a", ".c", ".h", ".pxd", ".pyx")

# How sure it is that a module is wanted: the application's own code names it; or a function does in a module of the standard
# library that it names; or one in any other module, for which nothing is linked. What a function could import is taken
# with what it needs to be imported, and no more.
ASKED, POSSIBLE, UNSURE = range(3)

_wanted = {}  # module name -> ASKED, POSSIBLE or UNSURE
_named = set()  # what the import statements of the application name
_codecs = set()  # what may be names of codecs in the application's text
_in_functions = {}  # module of the generated ones -> names in import statements of its functions
_native_imports = {}  # path of a native extension -> names of modules that its code may import
_native_modules = set()  # names of CPython's modules that have a library of their own
_asked = set()  # those among them that something has tried to import, or may yet import
_stdlib = Stdlib()
_exec_module = _bootstrap_external._LoaderBasics.exec_module
_load_extension = machinery.ExtensionFileLoader.create_module
_stat = os.stat
_activity = []  # what the application's code is at: its kind and a name
_find_builtin = vars(machinery.BuiltinImporter)["find_spec"]
_find_in_path = vars(machinery.PathFinder)["find_spec"]


def _note_builtins():
    """Notes which built-in modules are looked for, whether they are there or not."""
    find_spec = machinery.BuiltinImporter.find_spec

    def noting(cls, name, path=None, target=None):
        if name in _native_modules:
            _asked.add(name)
        return find_spec(name, path, target)

    machinery.BuiltinImporter.find_spec = classmethod(noting)


def begin(kind, name):
    """Tells the build what the application's code is about to do: should that never end, the user wants to know. Gives what
    `end` needs."""
    before = _activity[:]
    _activity[:] = kind, name
    _tell()
    return before


def end(before):
    _activity[:] = before
    if before:
        _tell()


def _tell():
    try:
        # The sandbox looks at the path; there is no such file.
        _stat(f"/python/.componentize-py-activity/{_activity[0]}:{_activity[1]}")
    except (OSError, ValueError):
        pass


def _leave_out_stand_ins():
    """A directory without code beside a compiled file of its name belongs to that file. Where that is for another platform, the
    module is missing, and no empty package."""
    find_spec = machinery.PathFinder.find_spec

    # As the original: a finder of somebody else's may keep it as an attribute of its class.
    def finding(cls, name, path=None, target=None):
        spec = find_spec(name, path, target)
        return None if spec is not None and spec.loader is None and _is_of_file(spec) else spec

    machinery.PathFinder.find_spec = classmethod(finding)


def _is_of_file(spec):
    # Not by iterating over them: that asks for the package above, which need not be imported.
    for directory in getattr(spec.submodule_search_locations, "_path", ()):
        above, _, name = directory.rpartition("/")
        is_compiled = any(e.startswith(f"{name}.") and e.endswith((".so", ".pyd", ".dylib")) for e in _list(above))
        if is_compiled and not any(e.endswith(".py") for _, _, entries in os.walk(directory) for e in entries):
            return True
    return False


def _is_of_stdlib(spec):
    return (spec.origin or "").startswith(STDLIB)


def watch(native_imports, native_modules):
    """Notes what each module could still import, from its code as it is loaded."""
    _native_modules.update(native_modules)
    _asked.update(_native_modules.intersection(sys.modules))
    _note_builtins()
    _leave_out_stand_ins()
    _native_imports.update(native_imports)

    def exec_module(self, module):
        if _is_of_stdlib(module.__spec__):
            return _exec_module(self, module)
        before = begin("import", module.__name__)
        try:
            code = self.get_code(module.__name__)
            if code is None:
                raise ImportError(f"cannot load module {module.__name__!r}", name=module.__name__)
            _note_loaded(module.__name__, code, module.__spec__.parent)
            return _bootstrap_external._bootstrap._call_with_frames_removed(exec, code, module.__dict__)
        finally:
            end(before)

    def create_module(self, spec):
        before = begin("import", spec.name)
        try:
            return _load_extension(self, spec)
        finally:
            end(before)

    _bootstrap_external._LoaderBasics.exec_module = exec_module
    machinery.ExtensionFileLoader.create_module = create_module


def _want(name, rank):
    """Notes a module and the packages that it lies in."""
    while name:
        _wanted[name] = min(rank, _wanted.get(name, rank))
        name = name.rpartition(".")[0]


def _note_loaded(module, code, package):
    """What has run already has imported what it names; its functions have not."""
    at_import, in_functions = of_code(code, package or "")
    if code.co_filename.startswith("/bindings"):
        _in_functions[module] = in_functions
    else:
        _note_text(code)
        _named.update(at_import, in_functions)
        _want_all(in_functions, ASKED)


def _note_text(code):
    """Codecs are found by names in text, and so are characters; and code may be made of text."""
    for part, _ in parts(code):
        if not DYNAMIC.isdisjoint(part.co_names):
            _want_all(BARE, ASKED)
        for constant in part.co_consts:
            if isinstance(constant, str):
                if "\\N{" in constant:
                    _want("unicodedata", ASKED)
                elif len(constant) < 20 and (codec := constant.lower().replace("-", "_")).isidentifier():
                    _codecs.add(aliases.get(codec, codec))


def _want_all(names, rank):
    for name in names:
        _want(name, rank)


def _attributes(module):
    """Without `getattr`, which may import more in modules that are lazy about it."""
    try:
        return object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}


def _find(name):
    """The specification of a module without importing its parents, or None."""
    if name in sys.modules:
        return _attributes(sys.modules[name]).get("__spec__")
    for finder in (machinery.BuiltinImporter, machinery.FrozenImporter):
        found = finder.find_spec(name)
        if found is not None:
            return found
    parent, _, _ = name.rpartition(".")
    path = None
    if parent:
        if parent in sys.modules:  # it may have changed its path
            path = _attributes(sys.modules[parent]).get("__path__")
        else:
            above = _find(parent)
            path = above.submodule_search_locations if above else None
        if path is None:
            return None
    return machinery.PathFinder.find_spec(name, path)


@functools.cache
def _read(name):
    """A module's specification, its marshalled code, and the names that it imports at once and in functions; None for code that
    there is none of."""
    spec = _find(name)
    native = (machinery.BuiltinImporter, machinery.FrozenImporter, machinery.ExtensionFileLoader)
    if spec is None or spec.loader is None or spec.loader in native or isinstance(spec.loader, native):
        return spec, None, ((), ())
    try:
        if _is_of_stdlib(spec):
            return spec, spec.loader.get_data(spec.origin)[16:], _stdlib(name)  # behind the header
        before = begin("compile", spec.name)
        code = spec.loader.get_code(spec.name)
        end(before)
    except (SyntaxError, ImportError, AttributeError, ValueError, OSError):
        return None, None, ((), ())  # what cannot be compiled, cannot be imported either
    if code is None:
        return spec, None, ((), ())
    _note_text(code)
    is_package = spec.submodule_search_locations is not None
    return spec, marshal.dumps(code), of_code(code, name if is_package else name.rpartition(".")[0])


def _note_native(path):
    for name in _native_imports.get(path, ()):
        if top(name) not in TOOLS:
            _want(name, POSSIBLE)


def _pack_module(name):
    if name in _native_modules:
        _asked.add(name)
    _want_all(FROM_C.get(name, ()), _wanted[name])
    spec, packed, (at_import, in_functions) = _read(name)
    if spec is None or spec.loader in (machinery.BuiltinImporter, machinery.FrozenImporter):
        return
    is_package = spec.submodule_search_locations is not None
    if isinstance(spec.loader, machinery.ExtensionFileLoader):
        modules[name] = (is_package, spec.origin, NATIVE)
        _note_native(spec.origin)
        return
    rank = _wanted[name]
    _want_all(at_import, rank)
    if not _is_of_stdlib(spec):
        _want_all(in_functions, rank)
    elif rank == ASKED:
        _want_all(in_functions, POSSIBLE)
    # A namespace package has no code.
    modules[name] = (is_package, spec.origin if spec.loader else None, zlib.compress(packed, 1) if packed else b"")


def _list(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def holds_installed(directory):
    """Whether an installer like pip has put packages there."""
    return any(entry.endswith(".dist-info") for entry in _list(directory))


def _submodules(prefix, directory):
    """A package of the application's own is taken whole: it may import its parts by computed names."""
    for entry in _list(directory):
        path = f"{directory}/{entry}"
        if entry.endswith(".py") and entry != "__init__.py":
            yield f"{prefix}.{entry.removesuffix('.py')}"
        elif entry.isidentifier() and entry != "__pycache__" and _is_directory(path):
            yield f"{prefix}.{entry}"
            yield from _submodules(f"{prefix}.{entry}", path)


def _is_directory(path):
    return os.path.isdir(path) and not os.path.islink(path)


def _pack_data(directory):
    for entry in _list(directory):
        path = f"{directory}/{entry}"
        if _is_directory(path):
            if entry != "__pycache__" and not entry.startswith("."):
                _pack_data(path)
        elif not entry.endswith(CODE_SUFFIXES) and path not in data:
            try:
                with open(path, "rb") as file:
                    data[path] = zlib.compress(file.read(), 1)
            except OSError:
                continue  # a link to outside, say


def _pack_packages(own_roots):
    packages = [m for m in list(sys.modules.values()) if _attributes(m).get("__path__")]
    for package in packages:
        for directory in map(str, package.__path__):
            if directory.startswith(own_roots):
                for name in _submodules(package.__name__, directory):
                    _want(name, ASKED)
            if not directory.startswith((STDLIB, "/bindings")) and "." not in package.__name__:
                _pack_data(directory)
    for package in packages:
        # What reads a package's data asks its loader.
        places = tuple(f"{directory}/" for directory in package.__path__)
        if package.__spec__ is not None and any(path.startswith(places) for path in data):
            _want("_componentize_py_resources", ASKED)
            package.__spec__.loader = package.__loader__ = Finder


def _is_left_out(name):
    if name in sys.modules or name in STAND_INS:
        return True
    rank = _wanted[name]
    return rank != ASKED and top(name) in UNLIKELY or rank == UNSURE and not _can_be_imported(name, set())


def _can_be_imported(name, visited):
    """Whether the native modules are there that importing `name` comes down to."""
    if name in visited or name in sys.modules or name in modules:
        return True
    visited.add(name)
    if name in _native_modules:
        return name in _asked
    needed = [name.rpartition(".")[0], *_read(name)[2][0]]
    return all(_can_be_imported(one, visited) for one in needed if one)


def _want_by_name():
    """What functions of the standard library import, and what C code imports."""
    for module in list(sys.modules):
        names = _in_functions.get(module) or _stdlib(module)[1]
        _want_all(names, POSSIBLE if module in _named else UNSURE)
    for module, names in FROM_C.items():
        if module in sys.modules:
            _want_all(names, UNSURE if module == "builtins" else POSSIBLE)


def _pending(done):
    """What is wanted, or more surely than when it was done."""
    # The text of modules that are taken along may name codecs, too.
    for codec in sorted(_codecs.intersection([*aliases.values(), *ENCODINGS.split()])):
        _want(f"encodings.{codec}", ASKED)
    return [name for name, rank in _wanted.items() if done.get(name, UNSURE + 1) > rank]


def pack(own_roots):
    """Takes along what can still be imported. `own_roots` are the directories of the application itself."""
    _bootstrap_external._LoaderBasics.exec_module = _exec_module
    machinery.ExtensionFileLoader.create_module = _load_extension
    machinery.BuiltinImporter.find_spec = _find_builtin
    for module in list(sys.modules.values()):
        if isinstance(_attributes(module).get("__loader__"), machinery.ExtensionFileLoader):
            _note_native(module.__loader__.path)
    _want_by_name()
    _pack_packages(own_roots)
    done = {}
    # The surest first: whether there is what the others need depends on them.
    while pending := _pending(done):
        surest = min(map(_wanted.__getitem__, pending))
        for name in pending:
            if _wanted[name] == surest:
                done[name] = surest
                if not _is_left_out(name):
                    _pack_module(name)
    machinery.PathFinder.find_spec = _find_in_path
    _read.cache_clear()
    _stdlib.forget()
    # The directories of the build are not there at run time, and nothing is to look for them.
    sys.path[:] = []
    sys.path_importer_cache.clear()
    for files in zipimport._zip_directory_cache.values():
        files.clear()  # loaders share it
    sys.meta_path.insert(sys.meta_path.index(machinery.PathFinder), Finder)
    for package in sys.modules.values():
        for directory in _attributes(package).get("__path__") or ():
            sys.path_importer_cache[str(directory)] = None
    _native_imports.clear()


def libraries():
    """What is needed of native extensions, by path, and of CPython's modules, by name."""
    extensions = [file for _, file, code in modules.values() if code is NATIVE]
    asked = sorted(_asked)
    _asked.clear()
    _native_modules.clear()
    return extensions + asked
