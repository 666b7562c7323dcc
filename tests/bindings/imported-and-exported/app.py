from typing import List

from wit_world import exports
from wit_world.exports import types as exported
from wit_world.imports import later, types


class Types(exports.Types):
    def f(
        self,
        a: types.Plain,
        b: types.Choice,
        c: types.WithImport,
        d: exported.WithOwn,
        e: exported.Deep,
    ) -> List[types.Plain]:
        match later.g(a):
            case types.Deep_A(several):
                assert several[0].m
            case types.Deep_B():
                pass
        same: exported.Plain = a
        return [same]


class Later(exports.Later):
    def g(self, a: types.Plain) -> exported.Deep:
        return exported.Deep_B()
