"""An application that changes nothing of its process, in processes with and without an environment and arguments."""

import os
import sys
from typing import List, Optional

import wit_world


class WitWorld(wit_world.WitWorld):
    def environment(self, name: str) -> Optional[str]:
        return os.environ.get(name)

    def arguments(self) -> List[str]:
        return sys.argv
