from wit_world import exports
from wit_world.imports import one, other, two, types
from wit_world.exports import mine


class BTwoTypes(exports.BTwoTypes):
    def f(self, a: two.FromTwo) -> two.FromTwo:
        types.g()
        other.f(one.FromOne(a.x))
        return a


class Mine(exports.Mine):
    def f(self, a: mine.Mine) -> mine.Mine:
        return a
