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
# What only tools reach for: not followed from the standard library's own functions, yet taken if the application asks.
TOOLS = frozenset(
    "_pyrepl antigravity asyncio code cProfile doctest http idlelib optparse pdb profile pydoc pydoc_data smtpd this "
    "tkinter trace turtle unittest venv webbrowser xmlrpc".split()
)
CODE_SUFFIXES = (".py", ".pyc", ".pyi", ".so", ".pyd", ".c", ".h")

_wanted = {}  # module name -> whether the application asks for it
_modules = {}  # module name -> (is a package, file name, compressed code)
_data = {}  # path -> compressed bytes
_exec_module = _bootstrap_external._LoaderBasics.exec_module


def watch():
    """Notes what each module imports, from its code as it is loaded."""

    def exec_module(self, module):
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"cannot load module {module.__name__!r}", name=module.__name__)
        _note_functions(code, module.__spec__.parent)
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


def _note(code, package):
    asked_by_app = not code.co_filename.startswith((STDLIB, "<frozen"))
    for name, level, names in _imports(code):
        if level:
            base = package.rsplit(".", level - 1)[0] if package else ""
            name = f"{base}.{name}" if name and base else base or name
        for wanted in (name, *(f"{name}.{item}" for item in names or () if item != "*")):
            _wanted[wanted] = _wanted.get(wanted, False) or asked_by_app


def _note_functions(code, package, everything=False):
    """Module and class bodies have run already, unless the module is one that is only packed."""
    if everything or code.co_flags & 2:  # CO_NEWLOCALS: a function
        _note(code, package)
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            _note_functions(constant, package, everything)


def _find(name):
    """The specification of a module without importing its parents, or None."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    for finder in (machinery.BuiltinImporter, machinery.FrozenImporter):
        found = finder.find_spec(name)
        if found is not None:
            return found
    parent, _, _ = name.rpartition(".")
    path = None
    if parent:
        above = _find(parent)
        path = above.submodule_search_locations if above else None
        if path is None:
            return None
    return machinery.PathFinder.find_spec(name, path)


def _pack_module(name):
    spec = _find(name)
    if spec is None or spec.loader in (machinery.BuiltinImporter, machinery.FrozenImporter):
        return
    try:
        code = spec.loader.get_code(name)
    except (SyntaxError, ImportError, AttributeError, ValueError, OSError):
        return  # what cannot be compiled, cannot be imported either
    package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
    if code is not None:
        _note_functions(code, package, everything=True)
    packed = zlib.compress(marshal.dumps(code), 1) if code is not None else b""
    _modules[name] = (spec.submodule_search_locations is not None, spec.origin, packed)


def _submodules(package):
    """A package of the application's own is taken whole: it may import its parts by computed names."""
    for directory in package.__path__:
        for entry in sorted(_list(directory)):
            if entry.endswith(".py"):
                yield f"{package.__name__}.{entry.removesuffix('.py')}"
            elif "__init__.py" in _list(f"{directory}/{entry}"):
                yield f"{package.__name__}.{entry}"


def _list(directory):
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _pack_data(directory):
    for entry in sorted(_list(directory)):
        path = f"{directory}/{entry}"
        if os.path.isdir(path):
            if entry != "__pycache__" and not entry.startswith("."):
                _pack_data(path)
        elif not entry.endswith(CODE_SUFFIXES) and path not in _data:
            with open(path, "rb") as file:
                _data[path] = zlib.compress(file.read(), 1)


def pack(own_roots):
    """Takes along what can still be imported. `own_roots` are the directories of the application itself."""
    _bootstrap_external._LoaderBasics.exec_module = _exec_module
    for module in list(sys.modules.values()):
        _note_early(module)
    # Not by `getattr`, which may import more in modules that are lazy about it.
    for module in [m for m in list(sys.modules.values()) if getattr(m, "__dict__", {}).get("__path__")]:
        directory = str(next(iter(module.__path__)))
        if directory.startswith(own_roots):
            _wanted.update((name, True) for name in _submodules(module))
        if "." not in module.__name__ and not directory.startswith((STDLIB, "/bindings")):
            _pack_data(directory)
            if any(path.startswith(f"{directory}/") for path in _data):
                module.__spec__.loader = module.__loader__ = Finder
    done = set()
    while pending := [name for name in _wanted if name not in done]:
        for name in pending:
            done.add(name)
            is_tool = name.partition(".")[0] in TOOLS and not _wanted[name]
            if name not in sys.modules and not is_tool:
                _pack_module(name)
    sys.meta_path.append(Finder)


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
        _note_functions(code, spec.parent)


_before = frozenset(sys.modules)
_reserved = frozenset(["_componentize_py_boot", "_componentize_py_bundle"])


class Finder:
    """Serves what `pack` took along: a finder and loader, and the reader of package data."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in _modules:
            return None
        is_package, file, _ = _modules[name]
        spec = machinery.ModuleSpec(name, cls, origin=file, is_package=is_package)
        if file is not None:
            spec.has_location = True
            if is_package:
                spec.submodule_search_locations.append(file.rpartition("/")[0])
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
        return _modules[name][0]

    @staticmethod
    def get_data(path):
        try:
            return zlib.decompress(_data[path])
        except KeyError:
            raise FileNotFoundError(2, "no such file among the package data of this component", path) from None

    @staticmethod
    def get_resource_reader(name):
        from _componentize_py_resources import reader

        return reader(sys.modules[name].__spec__, _data, Finder.get_data)
