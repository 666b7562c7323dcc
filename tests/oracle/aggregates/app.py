"""Records, variants, enums, flags, options, results and tuples."""

import wit_world
from wit_world.imports import host
from wit_world.imports.types import Color, Everything, Rights, Shape


class WitWorld(wit_world.WitWorld):
    def echo_shape(self, v: Shape) -> Shape:
        return host.echo_shape(v)

    def echo_color(self, v: Color) -> Color:
        return host.echo_color(v)

    def echo_rights(self, v: Rights) -> Rights:
        return host.echo_rights(v)

    def echo_everything(self, v: Everything) -> Everything:
        return host.echo_everything(v)

    def describe(self, v: Everything) -> str:
        return repr(v)

    def swap(self, v: tuple[int, str]) -> tuple[str, int]:
        return v[1], v[0]
