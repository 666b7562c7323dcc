"""The operations of `cargo xtask bench linalg`. `app.py` and `fastest.py` are those of `benches/numpy`."""

import numpy
from fastest import fastest

SIZES = (100, 500, 1000)


def operations(n):
    """The name of each operation, and a function that does it on matrices of this size."""
    a = numpy.random.default_rng(n).standard_normal((n, n))
    single, pairs = a.astype(numpy.float32), a + 1j * a.T
    symmetric, definite = a + a.T, a @ a.T + n * numpy.eye(n)
    return [
        ("matmul, float64", lambda: a @ a),
        ("matmul, float32", lambda: single @ single),
        ("matmul, complex128", lambda: pairs @ pairs),
        ("solve", lambda: numpy.linalg.solve(a, symmetric[0])),
        ("cholesky", lambda: numpy.linalg.cholesky(definite)),
        ("svd", lambda: numpy.linalg.svd(a)),
        ("eigh", lambda: numpy.linalg.eigh(symmetric)),
    ]


def measure():
    """Seconds for each operation and size, and nothing in plain Python."""
    return [[f"{name}, n = {n}", fastest(function), None] for n in SIZES for name, function in operations(n)]
