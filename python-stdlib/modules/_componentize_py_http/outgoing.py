"""Requests as resources of `wasi:http`, of either version; `types` is the module of its types."""

import errno
import math

from componentize_py_types import Err


def drop(resource):
    if resource is not None:
        resource.__exit__(None, None, None)


def of_version(types, made, request):
    """Sets everything but the headers of a new request, and returns it."""
    try:
        made.set_method(_method(types, request.method))
        made.set_scheme(types.Scheme_Https() if request.scheme == "https" else types.Scheme_Http())
        made.set_authority(request.authority)
        made.set_path_with_query(request.path)
    except Err:
        drop(made)
        where = f"{request.method} {request.scheme}://{request.authority}{request.path}"
        raise OSError(errno.EINVAL, f"the host does not take this request: {where}") from None
    return made


def _method(types, name):
    found = getattr(types, f"Method_{name.capitalize()}", None) if name.isupper() else None
    return found() if found and name != "OTHER" else types.Method_Other(name)


def fields(types, pairs):
    made = types.Fields()
    for name, value in pairs:
        try:
            made.append(name, value)
        except Err as error:
            kind = type(error.value).__name__.rpartition("_")[2]
            why = "the host sets it" if kind == "Forbidden" else f"{kind}: {value[:80]!r}"
            raise OSError(errno.EINVAL, f"the host does not take the header {name}: {why}") from None
    return made


def options(types, timeout):
    """The time for the connection; clients look at the clock themselves while they wait for a response."""
    if timeout is None:
        return None
    made = types.RequestOptions()
    try:
        made.set_connect_timeout(max(math.ceil(timeout * 1e9), 1))
    except Err:
        drop(made)  # this host has no such setting
        return None
    return made
