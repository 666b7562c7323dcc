"""The users that a component knows: its own, and root, to whom all files belong as far as WASI tells."""

import os as _os
from collections import namedtuple as _namedtuple
from operator import index as _index

struct_passwd = _namedtuple("struct_passwd", "pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell")
struct_passwd.__module__ = "pwd"


def getpwall():
    own = _os.getuid()
    return [struct_passwd("root", "x", 0, 0, "", "/", ""), struct_passwd("wasi", "x", own, _os.getgid(), "", "/", "")]


def getpwuid(uid, /):
    uid = _index(uid)
    for user in getpwall():
        if user.pw_uid == uid:
            return user
    raise KeyError(f"getpwuid(): uid not found: {uid}")


def getpwnam(name, /):
    if not isinstance(name, str):
        raise TypeError(f"getpwnam() argument must be str, not {type(name).__name__}")
    if b"\0" in _os.fsencode(name):
        raise ValueError("embedded null byte")
    for user in getpwall():
        if user.pw_name == name:
            return user
    raise KeyError(f"getpwnam(): name not found: {name!r}")
