"""Runs one of CPython's test files, as `python -m test NAME` does without its options, and reports each test by itself.

Arguments: the name of the file's module. `/` is an empty directory for the tests, the standard library with its sources and
tests is mounted at `/python`, and `/report` is where `events` goes: one JSON list a line, `["start", ID, ""]` and then
`[OUTCOME, ID, DETAIL]`, written at once, so that a trap leaves what came before.
"""

import errno
import importlib.machinery
import importlib.util
import json
import os
import sys

from wit_world import exports

LIBRARY = "/python"
EVENTS = "/report/events"


def _native():
    """Never called: that code names them puts the modules with a library of their own into the component."""
    import _asyncio, _blake2, _bz2, _codecs_cn, _codecs_hk, _codecs_iso2022, _codecs_jp, _codecs_kr, _codecs_tw  # noqa: E401
    import _csv, _ctypes, _decimal, _elementtree, _hmac, _json, _kdf, _lsprof, _lzma, _md5, _multibytecodec, _pickle  # noqa: E401
    import _sha1, _sha2, _sha3, _socket, _sqlite3, _zoneinfo, _zstd, array, cmath, pyexpat, unicodedata  # noqa: E401
    import _ssl  # noqa: F401  `_hashlib` comes with it

    import _ctypes_test, _testbuffer, _testcapi, _testclinic, _testclinic_limited, _testimportmultiple  # noqa: E401
    import _testinternalcapi, _testlimitedcapi, _testmultiphase, _testsinglephase  # noqa: E401


def _use_library():
    """Imports from the mounted library from now on, and lets modules of the snapshot say that they came from there."""
    sys.path[:] = [LIBRARY]
    sys.path_importer_cache.clear()
    machinery = importlib.machinery
    # What is left for the component's own finder are CPython's modules for its tests, which are linked like extensions.
    own = [finder for finder in sys.meta_path if finder.__module__ == "_componentize_py_finder"]
    sys.meta_path[:] = [machinery.BuiltinImporter, machinery.FrozenImporter, machinery.PathFinder, *own]
    sys.dont_write_bytecode, sys.pycache_prefix = False, None
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if spec is None or spec.origin in ("built-in", "frozen"):
            continue
        parent = sys.modules.get(name.rpartition(".")[0])
        found = machinery.PathFinder.find_spec(name, getattr(parent, "__path__", None))
        if found is not None:
            module.__spec__, module.__loader__ = found, found.loader
            module.__file__, module.__cached__ = found.origin, found.cached
            if found.submodule_search_locations is not None:
                module.__path__ = found.submodule_search_locations


def _reporter():
    """A function that writes an event, whatever tests do to modules and descriptors."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    opens, writes, closes, dumps = os.open, os.write, os.close, json.JSONEncoder(ensure_ascii=True).encode

    def report(*event):
        descriptor = opens(EVENTS, flags)
        writes(descriptor, dumps(event).encode() + b"\n")
        closes(descriptor)

    return report


def _prepare():
    """What `python` and `test.libregrtest` do before they run a file."""
    import random
    import site

    site.setquit()
    site.setcopyright()
    site.sethelper()
    from test import support

    support.record_original_stdout(sys.stdout)
    support.verbose = True
    support.use_resources = []
    sys.stdout.reconfigure(errors="backslashreplace")
    random.seed(0)
    _say_what_is_missing()
    for directory in ("/tmp", "/work"):
        os.mkdir(directory)
    os.chdir("/work")


def _say_what_is_missing():
    """Tests remove files that may not exist. Of a directory that is mounted to be read, Wasmtime says that this is forbidden,
    and a file system on a disk that there is no such file."""
    from test.support import os_helper

    unlink = os_helper._unlink

    def unlinking(path):
        if not os.path.lexists(path):
            raise FileNotFoundError(2, "no such file", path)
        unlink(path)

    os_helper._unlink = unlinking
    # As in CPython's own build for WASI. All tests of processes would fail, or sleep for minutes in threads that run at once;
    # `tests/runtime/processes` shows which parts of `multiprocessing` work.
    sys.modules["_multiprocessing"] = None
    _refuse_servers()


def _refuse_servers():
    """Servers of tests accept in a thread until the test ends, and a thread that is started here runs before the test goes on:
    the file would wait for ever."""
    import socket

    def listen(self, backlog=0):
        raise PermissionError(errno.EACCES, "a server would wait for its client in the only thread")

    socket.socket.listen = listen


def _result_class(report):
    import traceback
    import unittest

    class Result(unittest.TextTestResult):
        def startTest(self, test):
            super().startTest(test)
            self.failing = False
            report("start", test.id(), "")

        def addSuccess(self, test):
            super().addSuccess(test)
            report("passed", test.id(), "")

        def addExpectedFailure(self, test, error):
            super().addExpectedFailure(test, error)
            report("passed", test.id(), "")

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            report("skipped", test.id(), str(reason))

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            report("failed", test.id(), "unexpected success")

        def addError(self, test, error):
            super().addError(test, error)
            report("failed", test.id(), _last_line(error))

        addFailure = addError

        def addSubTest(self, test, subtest, error):
            super().addSubTest(test, subtest, error)
            if error is not None:
                report("failed", test.id(), _last_line(error))

    def _last_line(error):
        lines = "".join(traceback.format_exception_only(*error[:2])).strip().splitlines()
        return lines[0][:300] if lines else ""

    return Result


def _run(name, report):
    import unittest

    try:
        module = importlib.import_module(name)
        loader = unittest.TestLoader()
        tests = loader.loadTestsFromModule(module)
        for error in loader.errors:
            print(error, file=sys.stderr)
            report("failed", name, error.strip().splitlines()[-1][:300])
    except unittest.SkipTest as reason:
        report("skipped", name, str(reason))
        return
    except BaseException as error:
        import traceback

        traceback.print_exc()
        report("failed", name, f"{type(error).__name__}: {error}"[:300])
        return
    unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=_result_class(report)).run(tests)


def _warm_up():
    """Ends the time in which our CPython leaves code as it is: some tests look at specialized code."""
    for _ in range(200_000):
        pass


class Run(exports.Run):
    def run(self) -> None:
        _warm_up()
        report = _reporter()
        _use_library()
        _prepare()
        _run(sys.argv[1], report)
        report("end", "", "")
