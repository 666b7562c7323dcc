"""What is installed, and under which names."""

from importlib.metadata import distribution

import componentize_py

found = distribution("componentize-py")
assert found.version == componentize_py.__version__, found.version
assert found.metadata["License-Expression"] == "Apache-2.0 WITH LLVM-exception", found.metadata
assert found.metadata["Requires-Python"] == ">=3.10"
description = found.metadata.get_payload()
assert isinstance(description, str) and description.startswith("# componentize-py")

scripts = {(point.name, point.value) for point in found.entry_points}
assert scripts == {("componentize-py", "componentize_py:main")}, scripts

names = [str(path) for path in found.files or []]
assert "componentize_py/py.typed" in names and "componentize_py/_native.pyi" in names, names
# The licences of all that is embedded.
texts = {name.partition(".dist-info/licenses/")[2] for name in names}
assert {"LICENSE", "NOTICE", "LICENSES/CPython.txt", "LICENSES/musl.txt"} <= texts, texts
# The guest is embedded once.
large = [path for path in found.files or [] if (path.size or 0) > 1_000_000]
assert len(large) == 1 and str(large[0]).startswith("componentize_py/_native."), large

missing = [name for name in componentize_py.__all__ if not hasattr(componentize_py, name)]
assert not missing, missing
