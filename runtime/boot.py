"""The Python half of the guest runtime: finds the application's objects while building, and refreshes the snapshot at run time.

Reserved for the runtime. It is imported before the application and stays in the snapshot.
"""

import importlib
import io
import sys

import _componentize_py_activity as activity
import _componentize_py_bundle as bundle
import _componentize_py_checks as checks
import _componentize_py_sockets as sockets

# The values of `failure-kind` in wit/init.wit.
(
    MODULE_NOT_FOUND,
    EXCEPTION,
    MISSING_CLASS,
    MISSING_METHOD,
    INTERNAL,
    TAMPERED,
    WRONG_PARAMETERS,
    WRONG_ASYNC,
    IMPORT_UNAVAILABLE,
    LIBRARY_MISSING,
    APPLICATION_UNUSABLE,
) = range(11)
# The values of `export-kind`.
FUNCTION, CONSTRUCTOR, METHOD, STATIC = range(4)


class Failure(Exception):
    """A mistake of the user's, with the fields of `failure` in wit/init.wit."""

    def __init__(self, kind, module="", name="", detail=""):
        super().__init__(f"{module} {name} {detail}")
        self.failure_kind = kind
        self.module = module
        self.name = name
        self.detail = detail


class _AtOnce(io.BufferedWriter):
    """Writes everything at once: an unbuffered file may take only a part, and `print` does not check."""

    def write(self, data):
        count = super().write(data)
        self.flush()
        return count


def _write_at_once():
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None:
            settings = {"encoding": stream.encoding, "errors": stream.errors, "line_buffering": stream.line_buffering}
            raw = stream.detach()
            made = io.TextIOWrapper(_AtOnce(raw, 1), newline="\n", write_through=True, **settings)
            made.mode = "w"
            setattr(sys, name, made)
            setattr(sys, f"__{name}__", made)


_write_at_once()


def _is_ours(filename):
    return filename.startswith(("<frozen ", bundle.STDLIB)) or "/_componentize_py_" in filename


def _traceback_of(error):
    """The traceback, or the best substitute if the application has damaged the interpreter too much for that."""
    try:
        checks.heal()
        return _whole_traceback_of(error)
    except BaseException:
        return checks.last_line_of(error)


def _whole_traceback_of(error):
    """The traceback as Python prints it, with the user's frames only."""
    import traceback

    shown = traceback.TracebackException.from_exception(error, compact=True)
    seen = set()

    def trim(one):
        if one is None or id(one) in seen:
            return
        seen.add(id(one))
        one.stack = traceback.StackSummary.from_list([f for f in one.stack if not _is_ours(f.filename)])
        trim(one.__cause__)
        trim(one.__context__)
        for inner in one.exceptions or ():
            trim(inner)

    trim(shown)
    return "".join(shown.format())


def _raised(module, name, error):
    """The failure for an exception of the application's code. Where the runtime has raised it, `import.c` and `finder.py` note why.
    Packages quote the errors of their extensions, or collect them and raise another one, so the traceback's text counts."""
    unusable = getattr(sys.modules.get("componentize_py_web"), "ApplicationError", ())
    if isinstance(error, unusable):
        return Failure(APPLICATION_UNUSABLE, module, error.hint, error.args[0])
    detail = _traceback_of(error)
    try:
        unavailable = getattr(error, "componentize_py_import", None)
    except _Anything:
        unavailable = None  # an exception of theirs that cannot bear to be looked at
    if unavailable is not None:
        return Failure(IMPORT_UNAVAILABLE, module, unavailable, detail)
    for path in bundle.finder.refused:
        if path in detail:
            return Failure(LIBRARY_MISSING, module, name, f"{path}\t{detail}")
    return Failure(EXCEPTION, module, name, detail)


def _import(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # The error is not about the module itself, nor about a package that contains it, but about one of its imports.
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise _raised(name, error.name or "", error) from None
        raise Failure(MODULE_NOT_FOUND, name, error.name) from None
    except BaseException as error:
        raise _raised(name, "", error) from None


def _find_class(module, name):
    found = getattr(module, name, None)
    if not callable(found):
        file = getattr(module, "__file__", None) or ""
        actual = "" if found is None else type(found).__name__
        raise Failure(MISSING_CLASS, module.__name__, name, f"{file}\t{actual}")
    return found


def _checked(module, name, fault):
    """Refuses functions that no call could use: better now than in production."""
    if fault is not None:
        raise Failure(WRONG_ASYNC if fault[1] is None else WRONG_PARAMETERS, module, name, fault[0])


# By the number of fields.
_plain_inits = {}


def is_generated(cls, fields):
    """Returns whether a class's `__init__` is the one that `dataclass` writes for these fields, which only stores its arguments."""
    init = vars(cls).get("__init__")
    code = getattr(init, "__code__", None)
    if code is None:
        return False
    if init.__module__ == "componentize_py_types":
        return fields == ("value",) and not issubclass(cls, Exception)
    if len(fields) not in _plain_inits:
        import dataclasses  # it exists: the bindings use it

        plain = dataclasses.make_dataclass("Plain", [f"field{i}" for i in range(len(fields))])
        _plain_inits[len(fields)] = plain.__init__.__code__
    plain = _plain_inits[len(fields)]
    same = all(getattr(code, name) == getattr(plain, name) for name in ("co_code", "co_consts", "co_argcount", "co_flags"))
    return same and code.co_names == fields and code.co_varnames[1:] == fields


def _is_abstract(found):
    return bool(getattr(found, "__abstractmethods__", None))


# Directories of the search path, and those among them where an installer has put packages.
_given, _installed = [], []


def search(app, paths, installed, native_imports, native_modules):
    """Sets the search path. Only now, so that nothing in the user's directories can disturb the start of the interpreter.
    `native_imports` has the modules that the code of each native extension may import; `native_modules` names those that have a
    library."""
    _given[:], _installed[:] = paths, installed
    sys.path[:] = paths
    checks.save(app)
    bundle.watch(native_imports, native_modules)


def import_module(name):
    """A module of the bindings. It may lie in a package of the user's, whose own code runs first."""
    return _import(name)


def load(app, exports, resources, substitutes):
    """Imports the application. Returns what the runtime calls for each export, a callable or a method's name, and the class of
    each resource that the application implements, None for others. `substitutes` are pairs of classes: the application may have
    the second in place of the first."""
    return _guarded(app, lambda: _load(app, exports, resources, substitutes))


# The application may have removed the name.
_Anything = BaseException


def _guarded(app, work):
    """A failure in the runtime is attributed to the application if its code was called, or if it changed the interpreter."""
    try:
        return work()
    except Failure:
        raise
    except _Anything as error:
        failure = None
        try:
            is_theirs = checks.is_from_application(error, _is_ours)
        except _Anything:
            is_theirs = True  # one of their hooks fails when it is inspected
        if is_theirs:
            failure = _raised(app, "", error)
        elif checks.heal():
            failure = Failure(TAMPERED, app, "", _traceback_of(error))
        if failure is None:
            raise
        raise failure from None


def _load(app, exports, resources, substitutes):
    if sockets.carry_http():
        bundle._native_modules.discard("_socket")  # so no library is linked for it
    application = _import(app)
    instances = {}

    def own(name):
        """A class of the application's own module. A package may have it in `__main__`."""
        try:
            return _find_class(application, name)
        except Failure:
            path = getattr(application, "__path__", None)
            if path is None or importlib.machinery.PathFinder.find_spec(f"{app}.__main__", path) is None:
                raise
            return _find_class(_import(f"{app}.__main__"), name)

    def find(module, name):
        """The class under the first of its names that the application has, unless that is only imported as a base."""
        names = [(module, name), *(other for of, other in substitutes if of == (module, name))]
        incomplete = missing = None
        for one in names:
            try:
                found = _find_class(_import(one[0]), one[1]) if one[0] else own(one[1])
            except Failure as failure:
                if failure.failure_kind not in (MODULE_NOT_FOUND, MISSING_CLASS):
                    raise
                missing = missing or failure
                continue
            if not _is_abstract(found):
                return found
            incomplete = incomplete or found
        if incomplete is None:
            raise missing
        return incomplete

    def instance_of(module, name):
        if (module, name) not in instances:
            found = find(module, name)
            missing = sorted(getattr(found, "__abstractmethods__", ()))
            if missing:
                raise Failure(MISSING_METHOD, module or app, name, missing[0])
            before = activity.begin("create", name)
            try:
                instances[module, name] = found()
            except BaseException as error:
                raise _raised(app, name, error) from None
            activity.end(before)
        return instances[module, name]

    def resolve(kind, module, name, method, count, is_async):
        if kind == FUNCTION:
            target = instance_of(module, name)
        else:
            target = find(module, name)
            missing = sorted(getattr(target, "__abstractmethods__", ()))
            if missing:
                raise Failure(MISSING_METHOD, module or app, name, missing[0])
            if kind == CONSTRUCTOR:
                _checked(module or app, name, checks.constructor(target, count))
                return target
        if not callable(getattr(target, method, None)):
            raise Failure(MISSING_METHOD, module or app, name, method)
        if kind == METHOD:
            _checked(module or app, name, checks.method(target, method, count, is_async))
            return method
        found = getattr(target, method)
        _checked(module or app, name, checks.function(found, method, count, is_async))
        return found

    def class_of(module, name):
        # Any callable may be a constructor, and a resource without functions needs no class.
        if (module, name) not in {export[1:3] for export in exports if export[0] != FUNCTION}:
            try:
                found = find(module, name)
            except Failure as failure:
                if failure.failure_kind not in (MODULE_NOT_FOUND, MISSING_CLASS):
                    raise
                found = None
        else:
            found = find(module, name)
        return found if isinstance(found, type) else None

    callables = [resolve(*export) for export in exports]
    return callables, [class_of(*resource) if resource else None for resource in resources]


def before_snapshot(whole_stdlib, included):
    """Packs everything that can still be imported, and drops what only the build needed. Returns the results of `libraries` and of
    `bundle.wanted_files`."""
    return _guarded(checks.app, lambda: _before_snapshot(whole_stdlib, included))


def _before_snapshot(whole_stdlib, included):
    global activity, bundle, checks, sockets, _renew_secrets
    import linecache

    if "_sslrandom" in sys.builtin_module_names:  # and so OpenSSL is
        _renew_secrets = importlib.import_module("_sslrandom").renew
        del sys.modules["_sslrandom"]  # the application has not imported it

    linecache.clearcache()
    _plain_inits.clear()
    included = [*included, *sockets.before_snapshot()]
    bundle.finder.refused.clear()
    paths = [str(path) for path in sys.path]
    stdlib = next((i for i, path in enumerate(paths) if path.startswith(bundle.STDLIB)), len(paths))
    # `-p` entries come before the standard library, site-packages after it. Packages that pip installed into one of the former
    # are not the application's own either.
    before = [path for path in paths[:stdlib] if path not in _installed]
    own = [path for path in before if path in _given or not bundle.holds_installed(path)]
    bundle.pack(tuple(f"{path}/" for path in own), whole_stdlib, included)
    needed = libraries(), bundle.wanted_files()
    if "_componentize_py_measure" not in sys.modules:
        checks.forget()
        for name in ("activity", "bundle", "checks", "imports", "known", "packages", "packing", "search", "sockets"):
            sys.modules.pop(f"_componentize_py_{name}", None)  # the application may have removed it
        del activity, bundle, checks, sockets
    return needed


def libraries():
    """Paths of native extensions, and names of CPython's modules, that the application has asked for or may yet import."""
    return bundle.libraries()


# Draws what OpenSSL has drawn while the component was built, anew. None in a component without it.
_renew_secrets = None


def is_plain():
    """Returns whether a process without environment and arguments has nothing to refresh."""
    import os

    # The last question of the build: components do without the answers.
    for name in ("before_snapshot", "_before_snapshot", "is_plain"):
        del globals()[name]
    return not os.environ and sys.argv == [""] and "random" not in sys.modules and _renew_secrets is None


def refresh(arguments):
    """Runs at the first call in a new process: sets its own environment, arguments and random numbers."""
    sys.argv[:] = arguments or [""]
    import os

    at_build = dict(os.environ)
    os.reload_environ()
    # Variables that the application set while it was being built stay, unless the host sets them.
    for name, value in at_build.items():
        os.environ.setdefault(name, value)
    if "TZ" in os.environ:
        import time

        time.tzset()
    random = sys.modules.get("random")
    if random is not None:
        random._reseed_unseeded()
    if _renew_secrets is not None:
        _renew_secrets()
