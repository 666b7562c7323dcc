import wit_world

for name in ("alignment", "elf", "host", "invalid", "mach", "starts", "signature"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        assert error.name == name, error
    else:
        raise AssertionError(f"{name} was imported")

try:
    from package import _core
except ImportError:
    _core = None


def never():
    import elsewhere
    import stopped


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"Hello, {name}!"
