"""Sockets for worlds that can send HTTP requests and have no sockets.

HTTP clients write HTTP/1.1 to a socket. Here the other end of that socket lies in the component: it reads the requests
(`connection`), sends them by `wasi:http` (`wasi2`, `wasi3`) and gives the responses back as HTTP/1.1. TLS is the host's part
(`tls`), and so is the lookup of names (`names`). The module `_componentize_py_socket` is the front; `runtime/sockets.py` puts it
into the place of CPython's `_socket`. Reserved for the runtime.
"""

import sys


def bindings():
    """The modules `wasi2` or `wasi3`, with the bindings that `sockets.py` has imported. These may lie in a package."""
    for name, types in list(sys.modules.items()):
        package = name.rpartition(".")[0]
        if package.endswith(".imports"):
            if hasattr(types, "FutureIncomingResponse") and (client := _beside(package, "outgoing_handler")):
                from . import wasi2

                wasi2.bind(types, client)
                return wasi2
            if hasattr(types, "RequestOptions") and (client := _beside(package, "client")):
                from . import wasi3

                wasi3.bind(types, client)
                return wasi3
    raise ImportError("the world of this component cannot send HTTP requests")


def _beside(package, name):
    """A module of the bindings. Where several interfaces have one name, the package's name comes before it."""
    return sys.modules.get(f"{package}.{name}") or sys.modules.get(f"{package}.wasi_http_{name}")
