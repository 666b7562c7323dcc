"""What the application's code is doing while the component is built, for a message in case it never ends.

The sandbox reads it from the paths of files that are asked for (`src/preinit/watch.rs`); they do not exist. Reserved for the
runtime, and gone at run time.
"""

import os

_stat = os.stat  # the application may exchange it
_activity = []  # a kind and a name


def begin(kind, name):
    """Tells the build what comes next. Returns the argument for `end`."""
    before = _activity[:]
    _activity[:] = kind, name
    _tell()
    return before


def end(before):
    _activity[:] = before
    if before:
        _tell()


def _tell():
    try:
        _stat(f"/python/.componentize-py-activity/{_activity[0]}:{_activity[1]}")
    except (OSError, ValueError):
        pass
