"""Expressions over arrays by the virtual machine in C++, compared with NumPy."""

import numexpr
import numpy as np

A = np.linspace(-5, 5, 50_001)
B = np.arange(50_001) % 7


def test_one_thread():
    assert numexpr.interpreter.__file__.endswith(".so") and numexpr.nthreads == 1


def test_arithmetic():
    assert np.array_equal(numexpr.evaluate("2*A + 3*B - 1"), 2 * A + 3 * B - 1)
    assert np.allclose(numexpr.evaluate("A**3 / (B + 0.5)"), A**3 / (B + 0.5))
    assert numexpr.evaluate("B % 4 + (B >> 1)").dtype == np.int64


def test_functions():
    assert np.allclose(numexpr.evaluate("sin(A)**2 + cos(A)**2"), 1)
    assert np.allclose(numexpr.evaluate("where(A > 0, sqrt(abs(A)), expm1(A))"), np.where(A > 0, np.sqrt(np.abs(A)), np.expm1(A)))
    assert np.allclose(numexpr.evaluate("arctan2(A, B + 1)"), np.arctan2(A, B + 1))


def test_kinds():
    single = A.astype(np.float32)
    assert numexpr.evaluate("single * 2").dtype == np.float32
    number = A + 1j * B
    assert np.allclose(numexpr.evaluate("number * conj(number)"), np.abs(number) ** 2)
    names = np.array([b"one", b"two", b"one"])
    assert numexpr.evaluate("names == b'one'").tolist() == [True, False, True]


def test_reductions():
    assert numexpr.evaluate("sum(B)") == B.sum() and np.isclose(numexpr.evaluate("prod(A + 6, axis=0)", {"A": A[:9]}), np.prod(A[:9] + 6))
    grid = A[:50_000].reshape(200, 250)
    assert np.allclose(numexpr.evaluate("max(grid, axis=1)"), grid.max(axis=1))


def test_results_in_place():
    out = np.empty_like(A)
    assert numexpr.evaluate("A * B", out=out) is out and np.array_equal(numexpr.re_evaluate(), A * B)


def test_errors():
    for expression, kind in (("A +", SyntaxError), ("nothing * 2", KeyError), ("__import__('os')", ValueError), ("A & 1", NotImplementedError)):
        try:
            numexpr.evaluate(expression)
        except kind:
            pass
        else:
            raise AssertionError(expression)
