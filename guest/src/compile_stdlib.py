"""Compiles the standard library, run by the native CPython of the same version.

Arguments: the target folder, the prefix that files seem to have, and the files to compile as pairs of a path and a name.
They come one per line on stdin, path and name apart by a tab.
"""

import os
import py_compile
import sys

target, prefix = sys.argv[1:]
for line in sys.stdin.read().splitlines():
    path, name = line.split("\t")
    compiled = os.path.join(target, name + "c")
    os.makedirs(os.path.dirname(compiled), exist_ok=True)
    py_compile.compile(
        path,
        cfile=compiled,
        dfile=f"{prefix}/{name}",
        doraise=True,
        # No times, and nothing to compare with: the sources are not in the guest.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
