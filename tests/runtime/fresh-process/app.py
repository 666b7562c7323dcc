"""Nothing of the build's process is left: environment, arguments, preopened directories, random numbers."""

import os
import random
import secrets
import sys
import time
import uuid
from typing import List, Optional

import wit_world

AT_BUILD = dict(os.environ)
ARGUMENTS_AT_BUILD = list(sys.argv)
os.environ["SET_AT_BUILD"] = "build"

unseeded = random.Random()
seeded = random.Random(1)


class Child(random.Random):
    pass


child = Child()
BUILD_NUMBERS = {
    "global": random.getrandbits(64),
    "unseeded": unseeded.getrandbits(64),
    "child": child.getrandbits(64),
    "urandom": int.from_bytes(os.urandom(8)),
    "secrets": secrets.randbits(64),
    "uuid4": uuid.uuid4().int,
}
# What each source would give next had it been left alone.
_states = {"global": random.getstate(), "unseeded": unseeded.getstate(), "child": child.getstate()}
_next = {}
for _name, _state in _states.items():
    _copy = random.Random(0)
    _copy.setstate(_state)
    _next[_name] = _copy.getrandbits(64)


class WitWorld(wit_world.WitWorld):
    def environment(self, name: str) -> Optional[str]:
        return os.environ.get(name)

    def from_module_level(self, name: str) -> Optional[str]:
        return AT_BUILD.get(name)

    def arguments(self) -> List[str]:
        return sys.argv

    def local_time(self) -> str:
        return f"{time.strftime('%c %Z', time.localtime(1_750_000_000))} {time.tzname} {time.timezone}"

    def differs_from_build(self, source: str) -> bool:
        now = {
            "global": lambda: random.getrandbits(64),
            "unseeded": lambda: unseeded.getrandbits(64),
            "child": lambda: child.getrandbits(64),
            "urandom": lambda: int.from_bytes(os.urandom(8)),
            "secrets": lambda: secrets.randbits(64),
            "uuid4": lambda: uuid.uuid4().int,
        }[source]()
        return now not in (BUILD_NUMBERS[source], _next.get(source))

    def seeded(self) -> List[int]:
        return [seeded.getrandbits(32) for _ in range(2)]

    def files(self) -> List[str]:
        try:
            return os.listdir("/")
        except OSError as error:
            return [type(error).__name__]
