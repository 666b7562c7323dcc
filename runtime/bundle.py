"""Imports that happen at run time, when the standard library's files are gone and compiling the others would take time.

While building, `watch` notes which modules the code of every imported module could still import. `pack` then takes the code of
those (and of their own imports in turn) into memory, and `finder.py` serves them. `wanted_files` tells the build which files the
component should have. Reserved for the runtime, and gone at run time.
"""

import sys
import zipimport
from importlib import _bootstrap, _bootstrap_external, machinery

import _componentize_py_finder as finder
import _componentize_py_packing as packing
from _componentize_py_activity import begin, end
from _componentize_py_finder import NATIVE, Finder, modules
from _componentize_py_imports import STDLIB, TOOLS, of_code, top
from _componentize_py_known import BARE, LOOKED_INTO, STAND_INS, UNLIKELY, UNNAMED
from _componentize_py_packages import entry_points, holds_installed, submodules, top_level_files
from _componentize_py_search import (
    Text,
    attributes,
    is_of_compiled,
    is_of_stdlib,
    left_out,
    look_as_usual,
    look_without_listing,
    look_without_reading,
    paths_of,
    read,
    say_left_out,
    stdlib,
)

# How certain it is that a module is wanted. ASKED: the application's own code names it. POSSIBLE: a function names it, in a
# module of the standard library that the application names. UNSURE: a function in any other module names it; nothing is linked
# for that. A module that a function could import is taken with the modules that its own import needs, and no others.
ASKED, POSSIBLE, UNSURE = range(3)

_wanted = {}  # module name -> ASKED, POSSIBLE or UNSURE
_named = set()  # names in the application's import statements
_groups = set()  # names that may be groups of entry points
_configured = {}  # text that may name modules -> the file with the text
_in_functions = {}  # generated module -> names in import statements of its functions
_native_imports = {}  # path of a native extension -> names of modules that its code may import
_native_modules = set()  # names of CPython's modules that have a library of their own
_asked = set()  # those among them that code has tried to import, or may still import
_whole = {}  # package to take whole -> whether with its tests
_taken_whole = {}  # those among them that have been taken
_own = []  # directories of the application itself
_files = []  # packages and single modules whose files the component should have
_exec_module = _bootstrap_external._LoaderBasics.exec_module
_load_extension = machinery.ExtensionFileLoader.create_module
_find_builtin = vars(machinery.BuiltinImporter)["find_spec"]
_find_in_path = vars(machinery.PathFinder)["find_spec"]


def _note_builtins():
    """Notes which built-in modules are looked up, whether they exist or not."""
    find_spec = machinery.BuiltinImporter.find_spec

    def noting(cls, name, path=None, target=None):
        if name in _native_modules:
            _asked.add(name)
        return find_spec(name, path, target)

    machinery.BuiltinImporter.find_spec = classmethod(noting)


def _leave_out_stand_ins():
    """If a directory belongs to a compiled file for another platform, the module is missing: it is not an empty package."""
    find_spec = machinery.PathFinder.find_spec

    # Like the original: somebody's finder may keep it as an attribute of its class.
    def finding(cls, name, path=None, target=None):
        spec = find_spec(name, path, target)
        return None if spec is not None and is_of_compiled(spec) else spec

    machinery.PathFinder.find_spec = classmethod(finding)


def watch(native_imports, native_modules):
    """Notes the modules that each module could still import, from its code as it is loaded."""
    _native_modules.update(native_modules)
    _asked.update(_native_modules.intersection(sys.modules))
    _note_builtins()
    _leave_out_stand_ins()
    look_without_listing(tuple(sys.path))
    _native_imports.update(native_imports)

    def exec_module(self, module):
        if is_of_stdlib(module.__spec__):
            return _exec_module(self, module)
        before = begin("import", module.__name__)
        try:
            code = self.get_code(module.__name__)
            if code is None:
                raise ImportError(f"cannot load module {module.__name__!r}", name=module.__name__)
            _note_loaded(module.__name__, code, module.__spec__.submodule_search_locations is not None)
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
    """Notes a module and the packages that contain it."""
    while name:
        _wanted[name] = min(rank, _wanted.get(name, rank))
        name = name.rpartition(".")[0]


def _want_all(names, rank):
    for name in names:
        _want(name, rank)


def _note_loaded(name, code, is_package):
    """Code that has run has imported its modules already; its functions have not."""
    at_import, in_functions, computes = of_code(code, name, is_package)
    if code.co_filename.startswith("/bindings"):
        _in_functions[name] = in_functions
        return
    _named.update(at_import, in_functions)
    _want_all(in_functions, ASKED)
    _note_code(name, is_package, code.co_filename, Text(code, computes), computes)


def _note_code(name, is_package, file, text, computes):
    """Codecs, characters and configured or computed modules are found by names in text."""
    if text.runs_code:
        # It may run code that nobody has seen, which may import native modules without a Python module around them.
        _want_all(BARE, ASKED)
    if text.has_characters:
        _want("unicodedata", ASKED)
    _want_all((f"encodings.{codec}" for codec in sorted(text.codecs)), ASKED)
    for constant in sorted(text.modules):
        _configured[constant, name] = file
    _groups.update(text.groups)
    package = name if is_package else name.rpartition(".")[0]
    if computes and package:
        _whole.setdefault(package, False)


def _is_own(path):
    """Returns whether it belongs to the application itself, and not to installed packages."""
    return str(path).startswith(tuple(_own))


def _follow(constant, name, file):
    """Follows text that names a module, something in one, or the beginning of a name: in the package's own code, or in the
    application's."""
    is_own, is_beginning = _is_own(file), constant.endswith(".")
    constant = constant.removesuffix(".")
    is_dotted = "." in constant
    if top(constant) in sys.stdlib_module_names or not is_own and not (is_dotted and top(constant) == top(name)):
        return
    while constant not in sys.modules and not read(constant):
        constant = constant.rpartition(".")[0]
        if is_beginning or "." not in constant:
            return
    _want(constant, ASKED)
    if is_beginning or is_own and is_dotted:
        # For example a package in `INSTALLED_APPS`: its modules are found by convention.
        _whole.setdefault(constant, False)


def _paths(package):
    if package in sys.modules:
        return paths_of(sys.modules[package]) or ()
    found = read(package)
    return found.paths or () if found else ()


def _note_native(path):
    for name in _native_imports.get(path, ()):
        if top(name) not in TOOLS:
            _want(name, POSSIBLE)


def _pack_module(name):
    if name in _native_modules:
        _asked.add(name)
    before = begin("compile", name)
    # `_ssl` is also a module in Python, for components without the library.
    rank, module = _wanted[name], None if name in _native_modules else read(name)
    end(before)
    _want_all(UNNAMED.get(name, ()), rank)
    if module is None:
        return
    _want_all(module.at_import, rank)
    if not module.is_of_stdlib and not module.is_given:
        _want_all(module.in_functions, rank)
    elif rank == ASKED:
        _want_all(module.in_functions, POSSIBLE)
    if module.is_given:
        return
    if module.is_native:
        modules[name] = (module.paths, module.file, NATIVE)
        _note_native(module.file)
        return
    # A namespace package has no code.
    modules[name] = (module.paths, module.file, module.code or b"")
    if module.text:
        _note_code(name, module.paths is not None, module.file, module.text, module.computes)
    if module.paths and any(map(_is_own, module.paths)):
        _whole[name] = True


def _pack_loaded():
    """Takes the application's own packages whole."""
    for name, module in list(sys.modules.items()):
        if any(map(_is_own, paths_of(module) or ())):
            _whole[name] = True


def _is_left_out(name):
    if name in sys.modules or name in STAND_INS and name not in _named:
        return True
    rank = _wanted[name]
    return rank != ASKED and top(name) in UNLIKELY or rank == UNSURE and not _can_be_imported(name)


def _can_be_imported(name):
    """Returns whether all native modules exist that importing `name` needs."""
    visited, open = set(), [name]
    for one in open:
        if one in visited or one in sys.modules or one in modules:
            continue
        visited.add(one)
        if one in _native_modules:
            if one not in _asked:
                return False
        elif one:
            module = read(one)
            open += [one.rpartition(".")[0], *(module.at_import if module else ())]
    return True


def _want_by_name():
    """Wants the modules that functions of the standard library import, and those that no bytecode names."""
    for module in list(sys.modules):
        names = _in_functions.get(module) or stdlib(module)[1]
        _want_all(names, POSSIBLE if module in _named else UNSURE)
    for module, names in UNNAMED.items():
        if module in sys.modules:
            _want_all(names, UNSURE if module == "builtins" else POSSIBLE)
    if "_ctypes" in sys.modules:
        # Somebody has asked for it, so this is not left out like other parts of unlikely modules.
        _want_all(UNNAMED["_ctypes"], ASKED)


def _want_by_text():
    """Wants the modules that text names, also text in the modules taken so far."""
    known = {*sys.modules, *_wanted}
    for (constant, name), file in list(_configured.items()):
        if "." not in constant[:-1] or top(constant) in known:
            del _configured[constant, name]
            _follow(constant, name, file)
    for module, package in LOOKED_INTO.items():
        if (module in sys.modules or _wanted.get(module, UNSURE) != UNSURE) and read(package):
            _want_all((package, "importlib.resources"), ASKED)
            _whole.setdefault(package, False)
    for package, with_tests in list(_whole.items()):
        if _taken_whole.get(package) != with_tests:
            _taken_whole[package] = with_tests
            for directory in _paths(package):
                _want_all(submodules(package, directory, with_tests), ASKED)
    if _groups:
        _want_all(entry_points(_groups, sys.path), ASKED)
        _groups.clear()


def _pending(done):
    """The modules that are wanted, or wanted with more certainty than when they were done."""
    return [name for name, rank in _wanted.items() if done.get(name, UNSURE + 1) > rank]


def _pack_one(name):
    try:
        _pack_module(name)
    except Exception as error:
        # Whatever the error is, it must not fail the build: nobody has asked for this module yet.
        say_left_out(name, error)
        modules.pop(name, None)


def _pack_wanted():
    done = {}
    _want_by_text()
    # The most certain first: they decide whether the requirements of the others exist.
    while pending := _pending(done):
        surest = min(map(_wanted.__getitem__, pending))
        for name in pending:
            if _wanted[name] == surest:
                done[name] = surest
                if not _is_left_out(name):
                    _pack_one(name)
        _want_by_text()
    for name, reason in left_out.items():
        if name in _wanted and name not in modules:
            modules[name] = (None, None, reason)


def _silently(function):
    """The code compiled here does not run now, so its warnings would be misplaced, or even errors."""
    if "warnings" not in sys.modules:
        return function()
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function()


def pack(own_roots, whole_stdlib, included):
    """Takes everything that can still be imported. `own_roots` are the directories of the application itself, `included` names of
    modules that the user wants."""
    _bootstrap_external._LoaderBasics.exec_module = _exec_module
    machinery.ExtensionFileLoader.create_module = _load_extension
    _own.extend(own_roots)
    for module in list(sys.modules.values()):
        loader = attributes(module).get("__loader__")
        if isinstance(loader, machinery.ExtensionFileLoader):
            _note_native(loader.path)
    _want_by_name()
    _named.update(included)
    _want_all(included, ASKED)
    finder.all_taken = whole_stdlib
    if whole_stdlib:
        packing.use_dictionary()
        _want_all(stdlib.names(), ASKED)
    _pack_loaded()
    look_without_reading()
    _silently(_pack_wanted)
    machinery.BuiltinImporter.find_spec = _find_builtin
    machinery.PathFinder.find_spec = _find_in_path
    look_as_usual()
    read.cache_clear()
    there = {*map(top, stdlib.names()), *sys.builtin_module_names, *_native_modules}
    finder.lacking.update(sys.stdlib_module_names - there)
    stdlib.forget()
    _files.extend(top_level_files(_places(), sys.path))
    _forget_build()
    _native_imports.clear()


def _is_ours(path):
    """Returns whether a path belongs to the standard library or to the generated modules."""
    return str(path).startswith((STDLIB, "/bindings", "/last"))


def _places():
    """The name, the directories and the file of every module of the user's."""
    for name, (paths, file, _) in modules.items():
        if not _is_ours(file):
            yield name, paths or (), file
    for name, module in list(sys.modules.items()):
        file = attributes(module).get("__file__")
        paths = paths_of(module) or ()
        if (file or paths) and not any(map(_is_ours, (file, *paths))):
            yield name, paths, file


def _forget_build():
    """Of the directories of the build, the component has those of the application and of packages."""
    sys.path[:] = [path for path in sys.path if not _is_ours(path)]
    sys.path_importer_cache.clear()
    for files in zipimport._zip_directory_cache.values():
        files.clear()  # loaders share it
    usual = machinery.PathFinder
    sys.meta_path.insert(sys.meta_path.index(usual) if usual in sys.meta_path else len(sys.meta_path), Finder)
    _bootstrap._explain_missing = finder.explain_missing


def wanted_files():
    """Guest paths of the application's directories, and of packages and single modules that can be imported."""
    return [path for path in (*_own, *_files) if not _is_ours(path)]


def libraries():
    """The requirements, by path for native extensions, and by name for CPython's modules."""
    extensions = [file for _, file, code in modules.values() if code is NATIVE]
    asked = sorted(_asked)
    _asked.clear()
    _native_modules.clear()
    return extensions + asked
