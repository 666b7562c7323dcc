"""What import statements name: those of code objects, and those of the standard library, which were looked up when the guest was
built.

Reserved for the runtime, and gone at run time. The guest's build (`guest/src/imports.py`) uses it, too.
"""

from _opcode_metadata import opmap

STDLIB = "/python/"
# A line for each module: its name, what it imports when it is imported, and what its functions may import.
TABLE = f"{STDLIB}imports.txt"
# Tools that the standard library's modules start when run by hand: taken only if the application asks.
TOOLS = frozenset("_pyrepl code doctest idlelib pdb profile pydoc test trace tkinter turtle unittest webbrowser".split())


def top(name):
    return name.partition(".")[0]


def _statements(code):
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


def _names(code, package):
    """What the import statements of `code` itself may mean: `from a import b` is a module or a name in one."""
    is_library = code.co_filename.startswith((STDLIB, "<frozen")) and top(package) not in TOOLS
    for name, level, items in _statements(code):
        if is_library and top(name) in TOOLS:
            continue
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
            # CO_OPTIMIZED: a function; a class body runs with what is around it.
            yield from parts(constant, is_function or bool(constant.co_flags & 1))


def of_code(code, package):
    """What is imported with a module, and what its functions may import."""
    names = ([], [])
    for part, is_function in parts(code):
        names[is_function].extend(_names(part, package))
    return names


class Stdlib:
    """The table, read when it is first needed."""

    def __init__(self):
        self._lines = None

    def __call__(self, name):
        if self._lines is None:
            with open(TABLE, encoding="utf-8") as file:
                self._lines = dict(line.rstrip("\n").split("\t", 1) for line in file)
        at_import, _, in_functions = self._lines.get(name, "").partition("\t")
        return at_import.split(), in_functions.split()

    def forget(self):
        self._lines = None
