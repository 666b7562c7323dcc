"""What the modules of the standard library import, and which of CPython's native modules that comes down to.

    imports.py ARCHIVE RUNTIME SUPPORT NATIVE-MODULES IMPORTS NATIVE...

Writes to NATIVE-MODULES a line for each module that needs any: its name, a colon, theirs; one without a name for what the
runtime itself imports; one for each name of a codec that needs any, in quotation marks as in code; and `()` for code that runs code. The modules of the runtime and of SUPPORT, which lie beside the bindings, are among them. What functions
may import counts as in `bundle.py`, by the lists of `known.py`. IMPORTS is the table that `runtime/imports.py` reads.
"""

import encodings.aliases
import glob
import importlib
import marshal
import os
import sys
import zipimport

archive, runtime, support, native_modules, table, *native = sys.argv[1:]
native = frozenset(native)
NATIVE_OR_BUILT_IN = native | frozenset(sys.builtin_module_names)
sys.dont_write_bytecode = True
sys.path.append(runtime)
sys.modules["zlib"] = type(sys)("zlib")  # this Python has none, and only packing needs it
for name in ("activity", "finder", "imports", "known", "packing", "search", "packages"):
    sys.modules[f"_componentize_py_{name}"] = importlib.import_module(name)
bundle = importlib.import_module("bundle")

# Modules that call functions of their own while they are imported, and those import native modules.
CALLING = ("hashlib",)
# Compression, which some modules can do without: it is not linked because a function could import them.
OPTIONAL = {name: ("bz2", "compression", "lzma") for name in ("shutil", "zipfile")}
# Imports that never happen in the guest: in place of a module that it has, in tests of a module's own, for files beside modules
# and text of source files, which are not there, for a prompt, for asking other programs for the address of a network card.
NEVER = {
    "importlib._bootstrap_external": ("importlib.metadata", "importlib.readers"),
    "random": ("hashlib", "statistics"),
    "site": ("rlcompleter", "textwrap"),
    "traceback": ("unicodedata",),
    "uuid": ("platform", "shutil", "socket", "subprocess"),
    "zipimport": ("importlib.readers",),
}
# Codecs by their proper names.
CODECS = frozenset(encodings.aliases.aliases.values())
# What the interpreter imports before any code runs.
AT_START = ["encodings.utf_8", "encodings.aliases", "io", "codecs", "abc", "importlib._bootstrap_external", "zipimport"]


def with_parents(names):
    for name in names:
        while name:
            yield name
            name = name.rpartition(".")[0]


class Modules:
    def __init__(self):
        self.at_import, self.in_functions = {}, {}

    def add(self, name, code, is_package):
        for names, found in zip((self.at_import, self.in_functions), bundle.of_code(code, name, is_package)):
            names[name] = [one for one in found if not is_below(one, NEVER.get(name, ()))]

    def move_called(self):
        for name in CALLING:
            self.at_import[name] += [one for one in self.in_functions[name] if one in native]

    def drop_others(self):
        """Names that are no modules of the standard library's: `b` in `from a import b` is mostly something else."""
        for names in (self.at_import, self.in_functions):
            for name, imported in names.items():
                names[name] = sorted({one for one in imported if one in self.at_import or one in NATIVE_OR_BUILT_IN})

    def certain(self, name):
        """What is imported with a module, but for what it can do without."""
        return [one for one in self.at_import.get(name, ()) if bundle.top(one) not in OPTIONAL.get(name, ())]

    def loaded(self, names, imports):
        """Everything that is imported when these are; `imports` gives what is imported with one."""
        found, open = set(), list(names)
        for name in open:
            for one in with_parents([name]):
                if one not in found and (one in self.at_import or one in native):
                    found.add(one)
                    open.extend(imports(one))
                    open.extend(bundle.UNNAMED.get(one, ()) if one in native else ())
        return found

    def needed(self, name):
        """By an application that imports it."""
        later = {w for w in self.in_functions.get(name, ()) if not is_left_out(w)}
        at_once = self.loaded({name}, lambda one: self.at_import.get(one, ()))
        likely = self.loaded(later, lambda one: [other for other in self.certain(one) if not is_left_out(other)])
        return (at_once | likely) & native


def is_below(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_left_out(name):
    return bundle.top(name) in bundle.UNLIKELY or name in bundle.STAND_INS


def sources():
    """Name, text and whether it is a package, of the modules that come with us."""
    folders = ((runtime, "*.py", True), (f"{runtime}/async", "*.py", True), (support, "**/*.py", False))
    for directory, pattern, is_runtime in folders:
        for path in sorted(glob.glob(pattern, root_dir=directory, recursive=True)):
            name = "_componentize_py_" * is_runtime + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            with open(os.path.join(directory, path), encoding="utf-8") as file:
                yield name, file.read(), path.endswith("/__init__.py")


modules = Modules()
stdlib = zipimport.zipimporter(archive)
for path in stdlib._get_files():
    if path.endswith(".pyc"):
        name = path.removesuffix(".pyc").replace("/", ".")
        is_package = name.endswith(".__init__")
        modules.add(name.removesuffix(".__init__"), marshal.loads(stdlib.get_data(path)[16:]), is_package)
ours = set()
for name, text, is_package in sources():
    ours.add(name)
    modules.add(name, compile(text, name, "exec"), is_package)
modules.move_called()
modules.drop_others()
always = modules.loaded([*AT_START, "_componentize_py_boot"], modules.certain) & native
with open(native_modules, "w") as file:
    print(f": {' '.join(sorted(always))}", file=file)
    for name in sorted(modules.at_import):
        needed = modules.needed(name) - always
        if needed:
            print(f"{name}: {' '.join(sorted(needed))}", file=file)
    for alias, codec in sorted((encodings.aliases.aliases | dict(zip(CODECS, CODECS))).items()):
        needed = modules.needed(f"encodings.{codec}") - always
        if needed:
            print(f'"{alias}": {' '.join(sorted(needed))}', file=file)
    print(f"(): {' '.join(bundle.BARE)}", file=file)
with open(table, "w") as file:
    for name in sorted(modules.at_import.keys() - ours):
        print(name, " ".join(modules.certain(name)), " ".join(modules.in_functions[name]), sep="\t", file=file)
