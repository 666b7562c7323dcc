"""The groups that a component knows: its own, and root's."""

import os as _os
from collections import namedtuple as _namedtuple
from operator import index as _index

struct_group = _namedtuple("struct_group", "gr_name gr_passwd gr_gid gr_mem")
struct_group.__module__ = "grp"


def getgrall():
    return [struct_group("root", "x", 0, []), struct_group("wasi", "x", _os.getgid(), [])]


def getgrgid(id):
    id = _index(id)
    # -1 stands for no group in other functions.
    if not -1 <= id < 1 << 32:
        raise OverflowError(f"gid is {'less than minimum' if id < 0 else 'greater than maximum'}")
    for group in getgrall():
        if group.gr_gid == id:
            return group
    raise KeyError(f"getgrgid(): gid not found: {id}")


def getgrnam(name):
    if not isinstance(name, str):
        raise TypeError(f"getgrnam() argument must be str, not {type(name).__name__}")
    if b"\0" in _os.fsencode(name):
        raise ValueError("embedded null byte")
    for group in getgrall():
        if group.gr_name == name:
            return group
    raise KeyError(f"getgrnam(): name not found: {name!r}")
