import os
from pathlib import Path

assert sorted(p.name for p in Path(__file__).parent.iterdir()) == ["app.py", "wit"], os.listdir("/0")
import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"Hello, {name}!"
