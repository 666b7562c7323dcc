"""The operations of `cargo xtask bench numpy`: each with NumPy, and the same in plain Python on the same numbers."""

import math

import numpy
from fastest import fastest

SIZE = 100_000
numbers = [math.sin(n) for n in range(SIZE)]
others = [math.cos(n) for n in range(SIZE)]
integers = [(n * 7919) % 10_007 for n in range(SIZE)]
SIDE = 64
rows = [numbers[i * SIDE : (i + 1) * SIDE] for i in range(SIDE)]
columns = [others[i * SIDE : (i + 1) * SIDE] for i in range(SIDE)]

a, b = numpy.array(numbers), numpy.array(others)
singles = a.astype(numpy.float32)
whole = numpy.array(integers, dtype=numpy.int32)
matrix, matrix2 = numpy.array(rows), numpy.array(columns)
large = numpy.random.default_rng(1).standard_normal((300, 300))
signal = a[:65_536]


def product():
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*columns)] for row in rows]


# The name, the operation with NumPy, and in plain Python or None.
OPERATIONS = [
    ("a + b, float64", lambda: a + b, lambda: [x + y for x, y in zip(numbers, others)]),
    ("a * b + a, float32", lambda: singles * singles + singles, lambda: [x * x + x for x in numbers]),
    ("sum, float64", lambda: a.sum(), lambda: sum(numbers)),
    ("dot, float64", lambda: a.dot(b), lambda: sum(x * y for x, y in zip(numbers, others))),
    ("maximum, int32", lambda: whole.max(), lambda: max(integers)),
    ("a > b, count", lambda: numpy.count_nonzero(a > b), lambda: sum(x > y for x, y in zip(numbers, others))),
    ("sqrt(abs(a))", lambda: numpy.sqrt(numpy.abs(a)), lambda: [math.sqrt(abs(x)) for x in numbers]),
    ("exp(a)", lambda: numpy.exp(a), lambda: [math.exp(x) for x in numbers]),
    ("sin(a)", lambda: numpy.sin(a), lambda: [math.sin(x) for x in numbers]),
    ("sort, float64", lambda: numpy.sort(a), lambda: sorted(numbers)),
    ("unique, int32", lambda: numpy.unique(whole), lambda: sorted(set(integers))),
    ("matmul, 64 x 64", lambda: matrix @ matrix2, product),
    ("matmul, 300 x 300", lambda: large @ large, None),
    ("solve, 300 x 300", lambda: numpy.linalg.solve(large, large[0]), None),
    ("fft, 65,536", lambda: numpy.fft.rfft(signal), None),
    ("random normal", lambda: numpy.random.default_rng(3).standard_normal(SIZE), None),
]


def measure():
    """Seconds for each operation, with NumPy and without."""
    return [[name, fastest(fast), fastest(plain) if plain else None] for name, fast, plain in OPERATIONS]
