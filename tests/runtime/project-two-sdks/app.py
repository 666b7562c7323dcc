import one.wit.imports.store as first
import two.generated
import two.generated.imports.a_one as second
import wit_world.imports.store as third
from two.generated import exports
from wit_world import exports as own_exports


class Handler(exports.Handler):
    def echo_kind(self, a: first.Kind) -> first.Kind:
        two.generated.say(repr(a))
        assert isinstance(a, (second.Kind_Warm, third.Kind_Cold))
        return a


class WitWorld:
    def same(self) -> list[bool]:
        kind = third.next(first.Kind_Cold(3))
        return [
            first.Thing is second.Thing is third.Thing,
            first.Kind_Cold is second.Kind_Cold is third.Kind_Cold,
            own_exports.Handler is exports.Handler,
            isinstance(kind, (second.Kind_Cold, second.Kind_Warm)),
        ]
