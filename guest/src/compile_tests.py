"""Compiles the standard library and its tests in their place, run by the native CPython of the same version.

Arguments: the folder, and the prefix that its files seem to have. A sandbox would otherwise compile each module in each of
hundreds of instances. Most files that cannot be compiled are there for tests of just that.
"""

import os
import sys
from importlib import _bootstrap_external as external

root, prefix = sys.argv[1:]
for folder, folders, names in os.walk(root):
    folders.sort()
    for name in names:
        path = f"{folder}/{name}"
        if not name.endswith(".py"):
            continue
        with open(path, "rb") as file:
            source = file.read()
        try:
            code = compile(source, prefix + path.removeprefix(root), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, ImportError):
            continue  # the last for names that are not ASCII: this interpreter has no `unicodedata`
        os.makedirs(f"{folder}/__pycache__", exist_ok=True)
        with open(f"{folder}/__pycache__/{name[:-3]}.{sys.implementation.cache_tag}.pyc", "wb") as file:
            # Its hash is not compared with the source.
            file.write(external._code_to_hash_pyc(code, bytes(8), False))
