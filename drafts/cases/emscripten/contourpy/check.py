"""contourpy (C++ with pybind11, exceptions and libc++'s ABI 2), with NumPy by its recipe."""

import contourpy
import numpy as np

Y, X = np.mgrid[-2:2:41j, -2:2:41j]
Z = np.hypot(X, Y)


def test_lines():
    for name in ("serial", "mpl2014", "mpl2005"):
        found = contourpy.contour_generator(X, Y, Z, name=name).lines(1.5)
        line = found[0][0] if isinstance(found, tuple) else found[0]
        assert np.allclose(np.hypot(line[:, 0], line[:, 1]), 1.5, atol=0.01), name


def test_an_error_that_cplusplus_throws():
    try:
        contourpy.contour_generator(X, Y, Z).filled(2.0, 1.0)
    except ValueError as error:
        assert "upper_level" in str(error) or "lower_level" in str(error)
    else:
        raise AssertionError("filled upside down")
