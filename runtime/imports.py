"""The imports of code: statements, and calls of `import_module` and `__import__`. For the standard library, a table that was
made when the guest was built.

Reserved for the runtime, and gone at run time. The guest's build (`guest/src/imports.py`) uses it, too.
"""

from _opcode_metadata import opmap

STDLIB = "/python/"
# A line for each module: its name, the imports at its own import, and the imports that its functions may make.
TABLE = f"{STDLIB}imports.txt"
# Developer tools that functions of the standard library offer: taken only if the application asks.
TOOLS = frozenset("_pyrepl code doctest idlelib pdb profile pydoc test trace tkinter turtle unittest webbrowser".split())

# The former import the module that they are given the name of; the latter import modules that nobody names.
_IMPORTERS = frozenset(("import_module", "__import__"))
_SEARCHERS = frozenset(("walk_packages", "iter_modules"))
_TELLING = _IMPORTERS | _SEARCHERS | {"exec"}


def top(name):
    return name.partition(".")[0]


def _codes(*names):
    return frozenset(map(opmap.__getitem__, names))


_EXTENDED, _IMPORT_NAME, _IMPORT_FROM = opmap["EXTENDED_ARG"], opmap["IMPORT_NAME"], opmap["IMPORT_FROM"]
_LOAD_CONST, _LOAD_SMALL_INT, _LOAD_ATTR = opmap["LOAD_CONST"], opmap["LOAD_SMALL_INT"], opmap["LOAD_ATTR"]
_COMPARE, _JUMP = opmap["COMPARE_OP"], opmap["POP_JUMP_IF_FALSE"]
_CALLS = _codes("CALL", "CALL_KW")
# The place of an instruction's name, and the shift of its index.
_NAMED = {
    **dict.fromkeys(_codes("LOAD_NAME", "STORE_NAME", "STORE_GLOBAL", "IMPORT_FROM"), ("co_names", 0)),
    **dict.fromkeys(_codes("LOAD_GLOBAL", "LOAD_ATTR"), ("co_names", 1)),
    **dict.fromkeys(_codes("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK", "STORE_FAST"), ("co_varnames", 0)),
}
_STORES = _codes("STORE_NAME", "STORE_GLOBAL", "STORE_FAST")
# These neither make text nor call anything: the last loaded values stay valid.
_NEUTRAL = _codes("CACHE", "NOT_TAKEN", "PUSH_NULL", "TO_BOOL", "BUILD_LIST", "BUILD_TUPLE", "NOP")
_EQUAL = 2  # of COMPARE_OP's argument, above its five lowest bits


class _Scan:
    """One pass over the instructions of a code object, without nested ones.

    `found` has (name, level, names) of each import, and `computes` says that some name is computed. Skips blocks that never run
    in a component: `if __name__ == "__main__":`, and those for type checkers only.
    """

    def __init__(self, code):
        self.found, self.computes = [], not _IMPORTERS.isdisjoint(code.co_freevars + code.co_cellvars)
        self._code = code
        self._constants = [0, None]  # the last two that were loaded
        self._tested = [None, None]  # the last two names and texts, if there was nothing since
        self._arguments = None  # of an importer that is about to be called; None for non-constants
        self._imported = None  # an importer that is about to get a name
        self._end = 0
        argument, raw = 0, code.co_code
        if _IMPORT_NAME not in raw[::2] and _TELLING.isdisjoint(code.co_names + code.co_varnames):
            return  # the most common case
        for i in range(0, len(raw), 2):
            operation, argument = raw[i], argument << 8 | raw[i + 1]
            if operation != _EXTENDED:
                if i >= self._end:
                    self._step(operation, argument, i + 2)
                argument = 0
        self.computes |= self._arguments is not None

    def _step(self, operation, argument, following):
        if operation in (_LOAD_CONST, _LOAD_SMALL_INT):
            self._constant(argument if operation == _LOAD_SMALL_INT else self._code.co_consts[argument])
        elif operation in _NAMED:
            where, shift = _NAMED[operation]
            names = getattr(self._code, where)
            index = argument >> shift
            self._name(operation, names[index] if index < len(names) else None)
        elif operation == _IMPORT_NAME:
            self.found.append((self._code.co_names[argument], *self._constants))
        elif operation in _CALLS:
            if argument and self._arguments is not None:
                self._called()
            self._tested = [None, None]
        elif operation == _JUMP:
            # A cache follows the instruction.
            if self._tested[1] == "TYPE_CHECKING" or set(self._tested) == {"__name__", "__main__"}:
                self._end = following + 2 + 2 * argument
            self._other()
        elif operation != _COMPARE and operation not in _NEUTRAL or operation == _COMPARE and argument >> 5 != _EQUAL:
            self._other()

    def _constant(self, value):
        self._constants = [self._constants[1], value]
        self._tested = [self._tested[1], value if isinstance(value, str) else None]
        if self._arguments is not None:
            self._arguments.append(value)

    def _name(self, operation, name):
        if operation in _STORES:
            # Under another name it may be called with anything.
            self.computes |= self._imported not in (None, name)
            self._imported = None
            self._other()
            return
        self._tested = [self._tested[1], name]
        if operation == _IMPORT_FROM:
            self._imported = name if name in _IMPORTERS else None
        elif name in _IMPORTERS:
            self.computes |= self._arguments is not None
            self._arguments = []
        elif name in _SEARCHERS or name == "exec" and operation != _LOAD_ATTR:
            self.computes = True
        elif self._arguments is not None and operation != _LOAD_ATTR:
            self._arguments.append(None)

    def _called(self):
        name, *others = self._arguments or [None]
        self._arguments = None
        if not isinstance(name, str):
            self.computes = True
            return
        base = name.lstrip(".")
        texts = [text for text in others if isinstance(text, str)]
        if base == name:
            self.found.append((name, 0, texts))
        elif texts:
            self.found.append((f"{texts[0]}.{base}", 0, ()))
        else:
            self.found.append((base, len(name) - len(base), ()))

    def _other(self):
        self.computes |= self._arguments is not None
        self._arguments, self._tested = None, [None, None]


def _resolved(found, package):
    """The modules that the imports may mean: in `from a import b`, `b` is a module or a name in `a`."""
    for name, level, items in found:
        if level:
            base = package.rsplit(".", level - 1)[0] if package else ""
            name = f"{base}.{name}" if name and base else base or name
        yield name
        yield from (f"{name}.{item}" for item in items or () if item != "*")


def parts(code, is_function=False):
    """Every code object, and whether it runs only when it is called."""
    yield code, is_function
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            # CO_OPTIMIZED means a function; a class body runs with the code around it.
            yield from parts(constant, is_function or bool(constant.co_flags & 1))


def of_code(code, name, is_package):
    """The imports of a module's own import, those that its functions may make, and whether it computes names of modules."""
    package = name if is_package else name.rpartition(".")[0]
    names, computes = ([], []), False
    for part, is_function in parts(code):
        scan = _Scan(part)
        computes |= scan.computes
        names[is_function].extend(_resolved(scan.found, package))
    if code.co_filename.startswith((STDLIB, "<frozen")) and top(name) not in TOOLS:
        names[1][:] = [one for one in names[1] if top(one) not in TOOLS]
    return *names, computes


class Stdlib:
    """The table, read when it is first needed."""

    def __init__(self):
        self._lines = None

    def _read(self):
        if self._lines is None:
            with open(TABLE, encoding="utf-8") as file:
                self._lines = dict(line.rstrip("\n").split("\t", 1) for line in file)
        return self._lines

    def names(self):
        return self._read().keys()

    def __call__(self, name):
        at_import, _, in_functions = self._read().get(name, "").partition("\t")
        return at_import.split(), in_functions.split()

    def forget(self):
        self._lines = None
