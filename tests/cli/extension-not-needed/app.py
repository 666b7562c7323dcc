import wit_world

try:
    import _speedups
except ImportError:
    _speedups = None


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"Hello, {name}!"
