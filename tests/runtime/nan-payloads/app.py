"""NaNs keep their sign and payload on the way to the host and back, as far as the host does."""

import struct

import wit_world


class WitWorld(wit_world.WitWorld):
    def through_f32(self, bits: int) -> str:
        # A double with the payload in its upper bits: what `f32` becomes in Python.
        wide = (bits >> 31) << 63 | 0x7FF << 52 | (bits & 0x7FFFFF) << 29
        (number,) = struct.unpack("<d", struct.pack("<Q", wide))
        results = [wit_world.echo_f32(number), *wit_world.echo_f32s([number])]
        return " ".join(hex(struct.unpack("<Q", struct.pack("<d", result))[0]) for result in results) + f" of {wide:#x}"

    def through_f64(self, bits: int) -> str:
        (number,) = struct.unpack("<d", struct.pack("<Q", bits))
        results = [wit_world.echo_f64(number), *wit_world.echo_f64s([number])]
        return " ".join(hex(struct.unpack("<Q", struct.pack("<d", result))[0]) for result in results) + f" of {bits:#x}"
