from wit_world import exports
from wit_world.imports import a_one_types, b_two_types, other, types
from wit_world.exports import my_main_types


class BTwoTypes(exports.BTwoTypes):
    def f(self, a: b_two_types.FromTwo) -> b_two_types.FromTwo:
        types.g()
        other.f(a_one_types.FromOne(a.x))
        return a


class MyMainTypes(exports.MyMainTypes):
    def f(self, a: my_main_types.Mine) -> my_main_types.Mine:
        return a
