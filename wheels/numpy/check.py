"""Arrays, linear algebra, Fourier transforms, random numbers, and text, each through its own extension."""

import io

import numpy as np
import numpy._core._multiarray_umath  # noqa: F401
import numpy.linalg._umath_linalg  # noqa: F401


def test_arrays():
    a = np.arange(12, dtype=np.float64).reshape(3, 4)
    assert (a @ a.T).tolist() == [[14, 38, 62], [38, 126, 214], [62, 214, 366]]
    assert a[:, ::2].sum() == 30 and a.T.strides == (8, 32)
    assert np.array([[1, 2, 3]]).dtype == np.intp
    assert np.unique(np.array([3, 1, 2, 3, 1])).tolist() == [1, 2, 3]


def test_sorting():
    for dtype in (np.int8, np.int16, np.int32, np.int64, np.float32, np.float64):
        values = np.arange(1000)[::-1].astype(dtype)
        assert (np.sort(values) == np.sort(values, kind="stable")).all(), dtype
        assert (values[np.argsort(values)] == np.sort(values)).all(), dtype


def test_functions():
    x = np.linspace(0, 10, 1001)
    assert np.allclose(np.sin(x) ** 2 + np.cos(x) ** 2, 1)
    assert np.allclose(np.exp(np.log(x[1:])), x[1:])
    assert np.isnan(np.array([1.0, np.nan]).mean()) and np.nansum([1, np.nan]) == 1
    assert np.longdouble(1) + np.finfo(np.longdouble).eps > 1


def test_linear_algebra():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert np.allclose(a @ np.linalg.inv(a), np.eye(2))
    assert np.allclose(np.linalg.solve(a, [1.0, 2.0]), [0.2, 0.6])
    values, vectors = np.linalg.eigh(a)
    assert np.allclose(vectors @ np.diag(values) @ vectors.T, a)
    u, s, v = np.linalg.svd(np.arange(6.0).reshape(2, 3), full_matrices=False)
    assert np.allclose(u * s @ v, np.arange(6.0).reshape(2, 3))
    try:
        np.linalg.inv(np.zeros((2, 2)))
    except np.linalg.LinAlgError as error:
        assert "Singular" in str(error)
    else:
        raise AssertionError("inverted")


def numbers_of(shape, dtype):
    """Numbers that are the same each time, complex ones with both parts."""
    generator = np.random.default_rng(len(shape))
    numbers = generator.standard_normal(shape)
    if np.issubdtype(dtype, np.complexfloating):
        numbers = numbers + 1j * generator.standard_normal(shape)
    return numbers.astype(dtype)


DTYPES = ("f", "d", "F", "D")


def test_products():
    # einsum has loops of its own. The sizes are around those of registers and of blocks.
    for dtype in DTYPES:
        for m, n, k in [(1, 1, 1), (3, 5, 2), (9, 8, 7), (17, 1, 30), (1, 33, 40), (65, 66, 67), (200, 130, 270)]:
            for order in "CF":
                a, b = numbers_of((m, k), dtype).copy(order), numbers_of((k, n), dtype)
                close(a @ b, np.einsum("ik,kj", a, b), m, n, k)
                close(a.conj() @ b[::-1], np.einsum("ik,kj", a.conj(), b[::-1]), m, n, k)
                close(b.T @ a.T, np.einsum("kj,ik->ji", b, a), m, n, k)
                close(a @ a.T, np.einsum("ik,jk", a, a), m, n, k)
                close(a[:, ::2] @ b[::2], np.einsum("ik,kj", a[:, ::2], b[::2]), m, n, k)
                close(a @ b[:, 0], np.einsum("ik,k", a, b[:, 0]), m, n, k)
                close(np.vdot(a, a), np.einsum("ik,ik", a.conj(), a), m, n, k)


def test_products_of_nothing_and_of_no_numbers():
    for dtype in DTYPES:
        assert (np.zeros((3, 0), dtype) @ np.zeros((0, 2), dtype) == 0).all()
        assert (np.zeros((0, 3), dtype) @ np.zeros((3, 2), dtype)).shape == (0, 2)
        for size in (3, 90):
            a, b = np.ones((size, size), dtype), np.ones((size, size), dtype)
            a[1, 2], b[0, 1] = np.nan, np.inf
            with np.errstate(invalid="ignore"):
                product = a @ b
            assert np.isnan(product[1]).all() and (product[2, 2:] == size).all()
            # One infinite part of a complex number may make NaN of the other.
            assert not np.isfinite(product[:, 1]).any()
            assert dtype in "FD" or np.isinf(np.delete(product[:, 1], 1)).all()


def test_decompositions():
    for dtype in DTYPES:
        for n in (1, 10, 70, 150):
            one = np.eye(n, dtype=dtype)
            a = numbers_of((n, n), dtype) + n * one
            close(a @ np.linalg.solve(a, a[:, :3]), a[:, :3], n)
            close(a @ np.linalg.inv(a), one, n)
            q, r = np.linalg.qr(a)
            close(q @ r, a, n)
            close(q.conj().T @ q, one, n)
            u, s, v = np.linalg.svd(a)
            close(u * s @ v, a, n)
            definite = a @ a.conj().T + n * one
            for upper in (False, True):
                factor = np.linalg.cholesky(definite, upper=upper)
                close(factor.conj().T @ factor if upper else factor @ factor.conj().T, definite, n)
            for triangle in "LU":
                values, vectors = np.linalg.eigh(definite, triangle)
                close(vectors * values @ vectors.conj().T, definite, n)
            values, vectors = np.linalg.eig(a)
            close(a @ vectors, vectors * values, n)


def close(result, expected, *sizes):
    precision = 1e-3 if result.dtype.char in "fF" else 1e-10
    difference = np.abs(result - expected).max(initial=0) / max(1, np.abs(expected).max(initial=0))
    assert difference < precision, (result.dtype, sizes, difference)


def test_fourier():
    x = np.random.default_rng(1).normal(size=240)
    assert np.allclose(np.fft.ifft(np.fft.fft(x)).real, x)
    assert np.allclose(np.fft.irfft(np.fft.rfft(x)), x)


def test_random():
    one, two = (np.random.default_rng(7).normal(size=5) for _ in range(2))
    assert (one == two).all()
    # The host seeds it: the numbers differ each time.
    assert (np.random.default_rng().integers(2**31, size=4) != np.random.default_rng().integers(2**31, size=4)).any()
    assert abs(np.random.default_rng(1).uniform(size=100_000).mean() - 0.5) < 0.01


def test_records_strings_and_dates():
    table = np.array([("a", 1), ("b", 2)], dtype=[("name", "U1"), ("n", "i4")])
    assert table["n"].sum() == 3 and table[table["name"] == "b"]["n"] == 2
    assert np.strings.upper(np.array(["ä", "bc"], dtype=np.dtypes.StringDType())).tolist() == ["Ä", "BC"]
    assert np.datetime64("2026-11-25") - np.datetime64("2026-01-01") == np.timedelta64(328, "D")


def test_files():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.eye(3), b=np.arange(5))
    buffer.seek(0)
    loaded = np.load(buffer)
    assert loaded["a"].trace() == 3 and loaded["b"].tolist() == [0, 1, 2, 3, 4]
    assert np.loadtxt(io.StringIO("1 2\n3 4")).tolist() == [[1, 2], [3, 4]]


def test_buffers():
    view = memoryview(np.arange(6, dtype=np.int32).reshape(2, 3))
    assert view.shape == (2, 3) and view.format in ("i", "l")
    assert np.frombuffer(bytearray(b"\x01\0\x02\0"), dtype="<u2").tolist() == [1, 2]
