import numpy
import wit_world
from wit_world.imports import host


class WitWorld(wit_world.WitWorld):
    def f64s(self, count):
        return numpy.linspace(0, 1, count)

    def f32s(self, count):
        return numpy.linspace(0, 1, count, dtype=numpy.float32)

    def s32s(self):
        return numpy.array([-1, 2**31 - 1], dtype=numpy.int32)

    def s64s(self):
        return numpy.array([-1, 2**63 - 1], dtype=numpy.int64)

    def bytes(self):
        return numpy.frombuffer(b"abc", dtype=numpy.uint8)

    def strided(self):
        return numpy.arange(6.0)[::2]

    def reversed(self):
        return numpy.arange(3, dtype=numpy.int32)[::-1]

    def matrix(self):
        return numpy.arange(4.0).reshape(2, 2)

    def transposed(self):
        return numpy.arange(4.0).reshape(2, 2).T

    def other_kind(self):
        # Not the same items: they are taken one by one, as Python's numbers are.
        return numpy.array([1, 2], dtype=numpy.int16)

    def big_endian(self):
        return numpy.array([1, 2], dtype=">i4")

    def too_wide(self):
        return numpy.array([1, 256], dtype=numpy.int64)

    def no_list(self):
        return numpy.array(1.5)

    def scalar(self):
        return numpy.float64(2.5)

    def whole(self):
        return numpy.uint32(7)

    def sent(self):
        back = host.echo_f64(numpy.arange(4.0)) + host.echo_s32(numpy.arange(3, dtype=numpy.int32))
        return float(sum(back))

    def nested(self):
        return host.echo_sample(host.Sample("x", numpy.ones(2)))

    def mean(self, values):
        return numpy.mean(values)
