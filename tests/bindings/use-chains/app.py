from componentize_py_async_support.futures import FutureReader
from componentize_py_async_support.streams import StreamReader

import wit_world
from wit_world import exports
from wit_world.exports import top as exported
from wit_world.imports import core, middle_pkg_shapes_1_0_0, middle_pkg_shapes_2_0_0, top


def outcome(pairs: wit_world.Pairs) -> top.Result:
    return wit_world.use_pairs(pairs)


class WitWorld(wit_world.WitWorld):
    async def things(self, a: StreamReader[top.Result]) -> None:
        match (await a.read(1))[0]:
            case top.Result_Ok(pair):
                assert isinstance(pair, middle_pkg_shapes_2_0_0.Pair)
            case top.Result_Err(none):
                assert none.value == 1
            case top.Result_List((pair, _)):
                pass


class Top(exports.Top):
    async def run(
        self,
        a: top.Both,
        b: StreamReader[middle_pkg_shapes_2_0_0.Pair],
        c: FutureReader[middle_pkg_shapes_1_0_0.Pair],
    ) -> top.Result:
        return top.Result_Err(core.None_(1))

    def again(
        self,
        a: dict[
            str,
            tuple[middle_pkg_shapes_2_0_0.Pair, list[middle_pkg_shapes_2_0_0.Pair]],
        ],
    ) -> list[core.None_]:
        return []


class Holder(exported.Holder):
    def __init__(self, a: core.Thing) -> None:
        pass

    def get(self) -> core.Thing:
        raise NotImplementedError
