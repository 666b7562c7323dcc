import wit_world
from componentize_py_types import Err
from wit_world import Except, exports
from wit_world.exports.class_ import Yield as YieldProtocol
from wit_world.imports import class_
from wit_world.imports.class_ import Lambda, None_, Pass, True_, True__False_, True__None_


class Class(exports.Class):
    def def_(self, global_: None_, nonlocal_: True_) -> Lambda:
        match nonlocal_:
            case True__None_():
                return Lambda.NONE
            case True__False_(value):
                return Lambda.NOT if value == global_.from_ else Lambda.IS

    def import_(self, self_: int, cls: int) -> Pass:
        return Pass.IN | Pass.OR

    def await_(self) -> YieldProtocol:
        raise Err(None_(1, "a", True, 2, 3, 4, 5))

    def match(self, type: int, case: int) -> None:
        class_.match(type=type, case=case)
        with class_.Yield(1, import_=2) as got:
            got.del_(with_=1, cls=class_.Yield.async_(cls_=3, self=4))


class WitWorld(wit_world.WitWorld):
    def return_(self, raise_: int) -> None:
        wit_world.while_(print=Except(try_=raise_))
