from wit_world import exports
from wit_world.imports import a_one_types_1_0_0, b_two_types, c_three_other_0_1_0, types
from wit_world.exports import my_main_types_1_2_3


class BTwoTypes(exports.BTwoTypes):
    def f(self, a: b_two_types.FromTwo) -> b_two_types.FromTwo:
        types.g()
        c_three_other_0_1_0.f(a_one_types_1_0_0.FromOne(a.x))
        return a


class MyMainTypes123(exports.MyMainTypes123):
    def f(self, a: my_main_types_1_2_3.Mine) -> my_main_types_1_2_3.Mine:
        return a
