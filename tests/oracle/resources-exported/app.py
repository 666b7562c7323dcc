"""Resources of the application's."""

from counters import Counter
from wit_world import exports
from wit_world.exports.counters import Pair


class Counters(exports.Counters):
    def echo_pair(self, p: Pair) -> Pair:
        return p

    def sum(self, all: list[Counter]) -> int:
        return sum(one.count for one in all)
