"""An application that removes what it does not know from `sys.modules`, as tools do that load modules anew."""

import sys

import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        import json

        return json.dumps({"hello": name})


for module in list(sys.modules):
    if module.startswith("_componentize"):
        del sys.modules[module]
