import sys

import wit_world

# A circle of libraries, one that is called like ours, one that needs it and calls `malloc`, and one that defines a module of CPython's.
for name in ("circle", "libc", "user", "database"):
    try:
        __import__(name)
    except SystemError as error:
        assert "without raising an exception" in str(error), error
    else:
        raise AssertionError(f"{name} was imported")
assert "_sqlite3" not in sys.builtin_module_names


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"Hello, {name}!"
