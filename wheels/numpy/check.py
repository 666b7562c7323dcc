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
