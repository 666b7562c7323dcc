"""Runs `examples/hello` in the Wasmtime of PyPI: pypi.py COMPONENT."""

import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
component = Component.from_file(engine, sys.argv[1])
linker = Linker(engine)
linker.add_wasip2()
for process in range(2):
    store = Store(engine)
    store.set_wasi(WasiConfig())
    hello = linker.instantiate(store, component).get_func(store, "hello")
    for name in ("World", "Wörld"):
        print(hello(store, name))
        hello.post_return(store)
