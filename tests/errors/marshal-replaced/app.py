import marshal
import zlib

import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        import json

        return json.dumps(name)


marshal.dumps = zlib.compress = None
