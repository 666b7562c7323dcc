"""Leaves the docstrings of modules out as they are compiled (`--strip-docstrings`). Reserved for the runtime, and gone at run time."""

from importlib import machinery

_ONLY_AST = 0x400  # `ast.PyCF_ONLY_AST`
# The fields of statements with further statements.
_PARTS = frozenset(("body", "orelse", "finalbody", "handlers", "cases"))


def _is_text(statement):
    value = getattr(statement, "value", None)
    return type(statement).__name__ == "Expr" and isinstance(getattr(value, "value", None), str)


def _leave_out(tree):
    """Takes all docstrings away. `...` in the place of one makes no code."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if type(node).__name__ in ("Module", "ClassDef", "FunctionDef", "AsyncFunctionDef"):
            body = node.body
            # The statement behind it may be text as well. Imports from `__future__` may have only a docstring before them.
            while len(body) > 1 and _is_text(body[0]):
                del body[0]
            if body and _is_text(body[0]):
                body[0].value.value = ...
        for part in _PARTS:
            pending.extend(inner for inner in getattr(node, part, ()) if not _PARTS.isdisjoint(inner._fields))


def _compile(self, data, path, *, _optimization=-1):
    tree = compile(data, path, "exec", _ONLY_AST, dont_inherit=True, optimize=_optimization)
    _leave_out(tree)
    return compile(tree, path, "exec", dont_inherit=True, optimize=_optimization)


def strip():
    """From now on, modules are compiled without docstrings. Those that exist only as bytecode keep theirs."""
    machinery.SourceFileLoader.source_to_code = _compile


def leave():
    """From now on, modules are compiled as they are."""
    if vars(machinery.SourceFileLoader).get("source_to_code") is _compile:
        del machinery.SourceFileLoader.source_to_code
