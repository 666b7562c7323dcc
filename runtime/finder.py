"""The part of `bundle.py` that stays at run time: the modules that it took, and their finder.

The files of the application and of packages lie inside the component under the paths that they had while building
(`python-stdlib/libc`). So importlib's own finder has what this one lacks, as source. Reserved for the runtime.
"""

import marshal
import sys
import zlib
from importlib import _bootstrap_external, machinery

STDLIB = "/python/"
# Stands for the code of a native extension, which is linked into the component.
NATIVE = object()

modules = {}  # module name -> (directories of a package or None, file name, compressed code, NATIVE, or why there is none)
refused = {}  # paths of native extensions that are not part of the component, as keys; while the component is built

zstd = None  # makes a decompressor, if `packing.py` has used zstd

all_taken = False  # whether the component has the whole standard library
lacking = set()  # modules of the standard library that no component has; while the component runs

# The message of `dl.c` for a file that is not among the libraries.
NOT_LINKED = "not among the libraries"


# Wheels for Emscripten (PEP 783): their extensions are linked, too, after those for WASI.
machinery.EXTENSION_SUFFIXES.insert(1, ".cpython-314-wasm32-emscripten.so")
sys.path_hooks[-1] = machinery.FileFinder.path_hook(
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
)

_create_module = machinery.ExtensionFileLoader.create_module


def _create_if_linked(self, spec):
    """A file that is not part of the component counts as a missing module. Fallbacks rely on that error."""
    try:
        return _create_module(self, spec)
    except ImportError as error:
        if NOT_LINKED in str(error):
            refused.setdefault(spec.origin)
            raise ModuleNotFoundError(str(error), name=spec.name, path=spec.origin) from None
        raise


machinery.ExtensionFileLoader.create_module = _create_if_linked


def explain_missing(name):
    """The note of a ModuleNotFoundError at run time."""
    top = name.partition(".")[0]
    if top in lacking:
        return f"Components do not have the module {top!r} of Python's standard library."
    unseen = f"No code that was seen while building imports {name!r} by its name, so it is not in the component"
    if top in sys.stdlib_module_names:
        otherwise = "" if all_taken else ", or with `--stdlib all`"
        return f"{unseen}, if Python has it. Build with `--include {name}`{otherwise}."
    return f"{unseen}, if it is on the Python path. Build with `--include {name}` to take it along."


def _code(name):
    packed = modules[name][2]
    return marshal.loads(zstd().decompress(packed) if zstd else zlib.decompress(packed))


class Loader(machinery.SourceFileLoader):
    """Loads a module that `pack` took and whose file is in the component, too."""

    def get_code(self, name):
        return _code(name) if name in modules else super().get_code(name)


class Finder:
    """Finds the modules that `pack` took, and loads those without a file in the component, as in the standard library."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in modules:
            return None
        directories, file, code = modules[name]
        if type(code) is str:
            raise ImportError(code, name=name)
        if code is NATIVE:
            loader = machinery.ExtensionFileLoader(name, file)
        elif not code and directories is not None:
            loader = None  # a namespace package
        elif str(file).startswith("/") and not file.startswith(STDLIB):
            loader = Loader(name, file)
        else:
            loader = cls
        spec = machinery.ModuleSpec(name, loader, origin=file, is_package=directories is not None)
        spec.has_location = file is not None
        if directories and loader is None:
            # The type that importlib gives it: readers of its resources ask for it.
            find = machinery.PathFinder._get_spec
            spec.submodule_search_locations = _bootstrap_external._NamespacePath(name, list(directories), find)
        elif directories:
            spec.submodule_search_locations.extend(directories)
        return spec

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def get_code(name):
        return _code(name)

    @staticmethod
    def exec_module(module):
        exec(_code(module.__name__), module.__dict__)

    @staticmethod
    def is_package(name):
        return sys.modules[name].__spec__.submodule_search_locations is not None
