import typing

import componentize_py_types
import wit_world
from wit_world import exports
from wit_world.exports import types as exported_types
from wit_world.imports import builtins, names, types
from wit_world.imports.int import Number


class Thing(exported_types.Thing):
    def __init__(self, a: types.Self) -> None:
        self.a = a.a

    def clone(self, a: typing.Self) -> typing.Self:
        return a

    @classmethod
    def make(cls) -> typing.Self:
        return cls(types.Self(1))


class Types(exports.Types):
    def take(
        self,
        a: types.Result,
        b: types.Ok,
        c: types.Err,
        d: types.Some,
        e: types.Callable,
        f: bytes,
        g: int | None,
    ) -> types.Ok:
        raise componentize_py_types.Err(types.Err_Some(types.Ok(a.ok)))

    def nested(
        self,
        a: componentize_py_types.Some[types.Optional | None] | None,
        b: componentize_py_types.Result[types.Union, types.Tuple],
    ) -> list[types.Protocol]:
        return [types.Protocol([1])]


class Builtins(exports.Builtins):
    def int(self, int: int, str: str) -> int:
        return builtins.int(int, str)

    def str(self, bytes: bytes) -> str:
        return bytes.decode()

    def bytes(self) -> typing.Any:
        return b""

    def bool(self) -> typing.Any:
        return True

    def float(self, float: float) -> typing.Any:
        return float

    def type(self) -> None:
        pass

    def classmethod(self) -> None:
        pass

    def abstractmethod(self) -> None:
        pass

    def dataclass(self) -> None:
        pass

    def property(self) -> None:
        pass

    def annotations(self) -> None:
        pass

    def print(self, list: typing.List[typing.Any]) -> None:
        fields = builtins.Fields(1, "a", b"b", 1.0, True, "c", 2)
        assert fields.int + fields.after == 3
        with builtins.IntBox(1, fields.str) as box:
            assert box.int() == box.handle()


class Names(exports.Names):
    def types(self, a: types.Some, b: int) -> Number:
        got = names.Fields(a, a, a)
        names.Cases_Value(got.types)
        return Number(types.Ok(b))


class WitWorld(wit_world.WitWorld):
    def exports(self, a: wit_world.WitWorld_) -> str:
        return wit_world.str(str(a.a))[0]

    def int(self, a: int) -> typing.Any:
        return a + wit_world.imports_()
