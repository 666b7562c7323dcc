"""Checks of the application: functions that cannot be called as the world requires, and changes to the interpreter. Reserved
for the runtime, and gone at run time."""

import builtins
import importlib
import marshal
import os
import sys
import types
import zlib
from importlib import _bootstrap_external

app = ""
_FunctionType, _MethodType = types.FunctionType, types.MethodType
# Flags of code: any number of arguments; an `async def`.
_ANY_NUMBER, _ASYNC = 0x04, 0x80 | 0x200


def _function_of(target):
    """The Python function behind a callable, and the number of arguments that it already has; None for others, which only a
    call can check."""
    if type(target) is _MethodType and type(target.__func__) is _FunctionType:
        return target.__func__, 1
    return (target, 0) if type(target) is _FunctionType else None


def _method_of(cls, name, count):
    """Like `_function_of`, for a method of an instance; also returns the number of arguments in a call."""
    for one in cls.__mro__:
        if name in vars(one):
            found = vars(one)[name]
            if type(found) is _FunctionType:
                return found, 0, count
            # The instance is not passed on.
            return (found.__func__, int(type(found) is classmethod), count - 1) if isinstance(found, (classmethod, staticmethod)) else None
    return None


def _refusal(function, bound, count):
    """The reason why `function` cannot be called with `count` positional arguments; None if it can."""
    code = function.__code__
    own = code.co_argcount - bound
    needed = own - len(function.__defaults__ or ())
    by_keyword = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in by_keyword if name not in (function.__kwdefaults__ or {})]
    if missing:
        return f"its parameter `{missing[0]}` must be named in calls"
    if code.co_flags & _ANY_NUMBER:
        return f"it takes at least {needed}" if count < needed else None
    if own < 0:
        return "it has no parameter `self`"
    if needed <= count <= own:
        return None
    return f"it takes {own}" if own == needed else f"it takes {max(needed, 0)} to {own}"


def _fault(found, method, count, is_async, shown):
    """The method, its number of arguments and the reason if no call could work, or None. Uncertain cases pass."""
    if found is None or type(found[0]) is not _FunctionType:
        return None
    reason = _refusal(*found, count)
    if reason is not None:
        return f"{method}\t{shown}\t{reason}", reason
    # It returns a coroutine, and nothing there could wait for it.
    return (method, None) if not is_async and found[0].__code__.co_flags & _ASYNC else None


def function(found, method, count, is_async):
    return _fault(_function_of(found), method, count, is_async, count)


def method(cls, name, count, is_async):
    found = _method_of(cls, name, count) if isinstance(cls, type) else None
    return _fault(found[:2], name, found[2], is_async, count - 1) if found else None


def constructor(cls, count):
    if isinstance(cls, type) and type(cls).__call__ is type.__call__ and cls.__new__ is object.__new__:
        # Without one, or with one in C or from `Protocol`, only the call can tell.
        return _fault((cls.__init__, 1), "__init__", count, True, count)
    return None


# The runtime itself uses these.
_GUARDED = (builtins, importlib, _bootstrap_external, marshal, os, os.path, zlib)
_LISTS = ("path", "meta_path", "path_hooks")
_saved = {}
_lists = {}
_modules = {}


def save(name):
    """Saves the state before the application runs."""
    global app
    app = name
    for module in _GUARDED:
        _saved[module] = dict(vars(module))
    _modules.update(sys.modules)
    for name in _LISTS:
        _lists[name] = list(getattr(sys, name))


def forget():
    _saved.clear()
    _modules.clear()
    _lists.clear()


def heal(
    # Names that the application may have removed.
    sys=sys, vars=vars, len=len, list=list, isinstance=isinstance, setattr=setattr, stat=os.stat, OSError=OSError, getattr=getattr,
    dict=dict,
):
    """Restores the state from before the application ran, for the message that follows. Returns whether the application has
    changed anything that the runtime needs."""
    changed = False
    sys.settrace(None)
    sys.setprofile(None)
    for module, names in _saved.items():
        there = module.__dict__
        for name, value in names.items():
            # The runtime itself changes both of these.
            if name not in there or there[name] is not value and name not in ("_", "__import__", "environ"):
                changed = True
                there[name] = value
    if isinstance(getattr(sys, "modules", None), dict):
        for name, module in _modules.items():
            if sys.modules.get(name) is not module and not name.startswith("_componentize_py_"):
                changed = True
                sys.modules[name] = module
    else:
        changed = True
        sys.modules = dict(_modules)
    for name, items in _lists.items():
        there = getattr(sys, name, None)
        if not isinstance(there, list) or [one for one in items if one not in there]:
            changed = True
            setattr(sys, name, list(items))
    try:
        stat("/python")
    except OSError:
        changed = True  # it has closed the descriptors
    return changed


def is_from_application(error, is_ours):
    """Returns whether the application's code raised it, called by the runtime through a hook or an object of the application."""
    last = None
    trace = error.__traceback__
    while trace is not None:
        last = trace
        trace = trace.tb_next
    return last is not None and not is_ours(last.tb_frame.f_code.co_filename)


def last_line_of(error):
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        return type(error).__name__
