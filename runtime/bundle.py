"""Imports that happen at run time, when the files of the build are gone.

While building, `watch` notes which modules the code of every imported module could still import; `pack` then takes the
code of those (and of what they import in turn) and the data files of the packages into memory, from where `Finder`
serves them. Reserved for the runtime.
"""

import marshal
import os
import sys
import zlib
from _opcode_metadata import opmap
from importlib import _bootstrap_external, machinery

STDLIB = "/python/"
# Tools that the standard library's modules start when run by hand: taken only if the application asks.
TOOLS = frozenset("_pyrepl code doctest idlelib pdb profile pydoc test trace tkinter turtle unittest webbrowser".split())
# Taken if the application asks or if a module that it asks for needs them, not if some function could.
UNLIKELY = frozenset("argparse asyncio ftplib http multiprocessing optparse ssl subprocess tracemalloc xmlrpc".split())
# Pure Python stand-ins for C modules that the guest has.
STAND_INS = frozenset("_py_abc _pydatetime _pydecimal _pyio _pylong".split())
# Imported from C, which no bytecode shows, when the module on the left is there.
ENCODINGS = (
    "ascii base64_codec charmap cp1250 cp1251 cp1252 cp437 hex_codec idna iso8859_1 iso8859_15 iso8859_2 latin_1 punycode "
    "raw_unicode_escape unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_8_sig"
)
FROM_C = {
    "datetime": ["_strptime"],
    # Its extension `numpy.random.bit_generator` keeps names compressed, as Cython does.
    "numpy": ["secrets"],
    "time": ["_strptime"],
    "builtins": ["traceback", "warnings", *(f"encodings.{name}" for name in ENCODINGS.split())],
}
CODE_SUFFIXES = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dylib", ".a", ".c", ".h", ".pxd", ".pyx")

# How sure it is that a module is wanted: the application's own code names it, or a function of the standard library
# could. From the latter only what it needs to be imported follows.
ASKED, POSSIBLE = 0, 1
# In the place of code: a native extension, which the component was linked from.
NATIVE = object()

_wanted = {}  # module name -> ASKED or POSSIBLE
_modules = {}  # module name -> (is a package, file name, compressed code or NATIVE)
_native_imports = {}  # path of a native extension -> names of modules that its code may import
_data = {}  # path -> compressed bytes
_exec_module = _bootstrap_external._LoaderBasics.exec_module


def watch(native_imports):
    """Notes what each module could still import, from its code as it is loaded."""
    _before.update(sys.modules)
    _native_imports.update(native_imports)

    def exec_module(self, module):
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"cannot load module {module.__name__!r}", name=module.__name__)
        _note_loaded(code, module.__spec__.parent)
        _bootstrap_external._bootstrap._call_with_frames_removed(exec, code, module.__dict__)

    _bootstrap_external._LoaderBasics.exec_module = exec_module


def _imports(code):
    """(name, level, names) of each import statement that `code` itself holds."""
    import_name, extended = opmap["IMPORT_NAME"], opmap["EXTENDED_ARG"]
    constants = {opmap["LOAD_CONST"]: code.co_consts.__getitem__, opmap["LOAD_SMALL_INT"]: int}
    raw, argument, loaded = code.co_code, 0, [0, None]
    for i in range(0, len(raw), 2):
        operation, argument = raw[i], argument << 8 | raw[i + 1]
        if operation == extended:
            continue
        if operation in constants:
            loaded = [loaded[-1], constants[operation](argument)]
        elif operation == import_name:
            yield code.co_names[argument], *loaded
        argument = 0


def _want(name, rank):
    """Notes a module and the packages that it lies in."""
    while name:
        _wanted[name] = min(rank, _wanted.get(name, rank))
        name = name.rpartition(".")[0]


def _top(name):
    return name.partition(".")[0]


def _note(code, package, rank):
    is_library = code.co_filename.startswith((STDLIB, "<frozen")) and _top(package) not in TOOLS
    for name, level, names in _imports(code):
        if is_library and _top(name) in TOOLS:
            continue
        if level:
            base = package.rsplit(".", level - 1)[0] if package else ""
            name = f"{base}.{name}" if name and base else base or name
        for wanted in (name, *(f"{name}.{item}" for item in names or () if item != "*")):
            _want(wanted, rank)


def _parts(code, is_function=False):
    """Every code object, and whether it runs only when it is called."""
    yield code, is_function
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            # CO_OPTIMIZED: a function; a class body runs with what is around it.
            yield from _parts(constant, is_function or bool(constant.co_flags & 1))


def _note_loaded(code, package):
    """What has run already has imported what it names; its functions have not."""
    rank = POSSIBLE if code.co_filename.startswith((STDLIB, "<frozen")) else ASKED
    for part, is_function in _parts(code):
        if is_function:
            _note(part, package or "", rank)


def _note_packed(code, package, rank):
    of_stdlib = code.co_filename.startswith(STDLIB)
    for part, is_function in _parts(code):
        if not (is_function and of_stdlib):
            _note(part, package or "", rank)
        elif rank == ASKED:
            _note(part, package, POSSIBLE)


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


def _read_code(spec):
    """A module's code and its marshalled form."""
    get_data = getattr(spec.loader, "get_data", None)
    if get_data and spec.origin and spec.origin.endswith(".pyc"):
        packed = get_data(spec.origin)[16:]  # behind the header
        return marshal.loads(packed), packed
    code = spec.loader.get_code(spec.name)
    return code, marshal.dumps(code) if code is not None else b""


def _note_native(path):
    for name in _native_imports.get(path, ()):
        if _top(name) not in TOOLS:
            _want(name, POSSIBLE)


def _pack_module(name):
    spec = _find(name)
    if spec is None or spec.loader in (machinery.BuiltinImporter, machinery.FrozenImporter):
        return
    if spec.loader is None:  # a namespace package
        _modules[name] = (True, None, b"")
        return
    if isinstance(spec.loader, machinery.ExtensionFileLoader):
        _modules[name] = (spec.submodule_search_locations is not None, spec.origin, NATIVE)
        _note_native(spec.origin)
        return
    try:
        code, packed = _read_code(spec)
    except (SyntaxError, ImportError, AttributeError, ValueError, OSError):
        return  # what cannot be compiled, cannot be imported either
    is_package = spec.submodule_search_locations is not None
    if code is not None:
        _note_packed(code, name if is_package else name.rpartition(".")[0], _wanted[name])
    _modules[name] = (is_package, spec.origin, zlib.compress(packed, 1) if packed else b"")


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
        elif not entry.endswith(CODE_SUFFIXES) and path not in _data:
            try:
                with open(path, "rb") as file:
                    _data[path] = zlib.compress(file.read(), 1)
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
        if package.__spec__ is not None and any(path.startswith(places) for path in _data):
            _want("_componentize_py_resources", ASKED)
            package.__spec__.loader = package.__loader__ = Finder


def _is_left_out(name):
    return name in sys.modules or name in STAND_INS or (_wanted[name] == POSSIBLE and _top(name) in UNLIKELY)


def pack(own_roots):
    """Takes along what can still be imported. `own_roots` are the directories of the application itself. Gives the paths
    of the native extensions among it."""
    _bootstrap_external._LoaderBasics.exec_module = _exec_module
    for module in list(sys.modules.values()):
        _note_early(module)
        if isinstance(_attributes(module).get("__loader__"), machinery.ExtensionFileLoader):
            _note_native(module.__loader__.path)
    for module, names in FROM_C.items():
        if module in sys.modules:
            _wanted.update((name, POSSIBLE) for name in names if name not in _wanted)
    _pack_packages(own_roots)
    done = {}
    while pending := [name for name, rank in _wanted.items() if done.get(name, POSSIBLE + 1) > rank]:
        for name in pending:
            done[name] = _wanted[name]
            if not _is_left_out(name):
                _pack_module(name)
    # The directories of the build are not there at run time, and nothing is to look for them.
    sys.path[:] = []
    sys.path_importer_cache.clear()
    sys.meta_path.insert(sys.meta_path.index(machinery.PathFinder), Finder)
    for package in sys.modules.values():
        for directory in _attributes(package).get("__path__") or ():
            sys.path_importer_cache[str(directory)] = None
    _native_imports.clear()
    return [file for _, file, code in _modules.values() if code is NATIVE]


def _note_early(module):
    """Modules that were there before `watch`."""
    spec = getattr(module, "__spec__", None)
    get_code = getattr(spec.loader, "get_code", None) if spec else None
    if get_code is None or spec.name not in _before or spec.name in _reserved:
        return
    try:
        code = get_code(spec.name)
    except ImportError:
        return  # importlib itself goes by two names
    if code is not None:
        _note_loaded(code, spec.parent)


_before = set()  # modules that were loaded before `watch`
_reserved = frozenset(["_componentize_py_boot", "_componentize_py_bundle", "_componentize_py_measure"])


class Finder:
    """Serves what `pack` took along: a finder and loader, and the reader of package data."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in _modules:
            return None
        is_package, file, code = _modules[name]
        loader = machinery.ExtensionFileLoader(name, file) if code is NATIVE else cls
        spec = machinery.ModuleSpec(name, loader, origin=file, is_package=is_package)
        if file is not None:
            spec.has_location = True
            if is_package:
                directory = file.rpartition("/")[0]
                spec.submodule_search_locations.append(directory)
                sys.path_importer_cache[directory] = None  # nothing is there to look for
        return spec

    @staticmethod
    def create_module(spec):
        return None

    @classmethod
    def get_code(cls, name):
        packed = _modules[name][2] if name in _modules else b""
        return marshal.loads(zlib.decompress(packed)) if packed else None

    @classmethod
    def exec_module(cls, module):
        code = cls.get_code(module.__name__)
        if code is not None:
            exec(code, module.__dict__)

    @staticmethod
    def is_package(name):
        return sys.modules[name].__spec__.submodule_search_locations is not None

    @staticmethod
    def get_data(path):
        try:
            return zlib.decompress(_data[path])
        except KeyError:
            raise FileNotFoundError(2, "no such file among the package data of this component", path) from None

    @staticmethod
    def get_resource_reader(name):
        from _componentize_py_resources import reader

        spec = sys.modules[name].__spec__
        locations = spec.submodule_search_locations or [(spec.origin or "").rpartition("/")[0]]
        return reader(str(locations[0]), _data, Finder.get_data)
