"""The part of `bundle.py` that stays at run time: the modules and data files that it took, and their finder.

Reserved for the runtime.
"""

import marshal
import sys
import zlib
from importlib import machinery

# Stands for the code of a native extension, which is linked into the component.
NATIVE = object()

modules = {}  # module name -> (directories of a package or None, file name, compressed code, NATIVE, or why there is none)
data = {}  # path -> compressed bytes
refused = {}  # paths of native extensions that are not part of the component, as keys; while the component is built
listing = None  # makes the lister of a directory's modules, if `pkgutil` is there to ask for it


def note_directory(directory):
    """There is nothing to look for."""
    sys.path_importer_cache[directory] = listing and listing(directory)

# The message of `dl.c` for a file that is not among the libraries.
NOT_LINKED = "not among the libraries"


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


class Finder:
    """Serves what `pack` took: a finder and loader, and the reader of package data."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in modules:
            return None
        directories, file, code = modules[name]
        if type(code) is str:
            raise ImportError(code, name=name)
        loader = machinery.ExtensionFileLoader(name, file) if code is NATIVE else cls
        spec = machinery.ModuleSpec(name, loader, origin=file, is_package=directories is not None)
        spec.has_location = file is not None
        for directory in directories or ():
            spec.submodule_search_locations.append(directory)
            note_directory(directory)
        return spec

    @staticmethod
    def create_module(spec):
        return None

    @classmethod
    def get_code(cls, name):
        packed = modules[name][2] if name in modules else b""
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
            return zlib.decompress(data[path])
        except KeyError:
            raise FileNotFoundError(2, "no such file among the package data of this component", path) from None

    @staticmethod
    def get_resource_reader(name):
        from _componentize_py_resources import reader

        spec = sys.modules[name].__spec__
        return reader(spec.submodule_search_locations or [(spec.origin or "").rpartition("/")[0]])
