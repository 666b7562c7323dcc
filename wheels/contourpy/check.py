"""Lines and filled areas of a grid, by each algorithm in C++, and an error that C++ throws."""

import contourpy
import numpy as np

Y, X = np.mgrid[-2:2:41j, -2:2:41j]
Z = X**2 + Y**2


def test_lines():
    for name in ("serial", "mpl2014", "mpl2005"):
        found = contourpy.contour_generator(X, Y, Z, name=name).lines(1.0)
        line = found[0][0] if isinstance(found, tuple) else found[0]
        assert np.allclose(np.hypot(line[:, 0], line[:, 1]), 1, atol=0.01), name


def test_filled():
    generator = contourpy.contour_generator(X, Y, Z, fill_type="OuterOffset")
    points, offsets = generator.filled(0.5, 1.0)
    assert len(points) == 1 and offsets[0].tolist()[0] == 0 and len(offsets[0]) == 3


def test_masked():
    masked = np.ma.masked_where(X > 0, Z)
    lines = contourpy.contour_generator(X, Y, masked).lines(1.0)
    assert len(lines) == 1 and lines[0][:, 0].max() <= 0


def test_errors_of_cplusplus():
    try:
        contourpy.contour_generator(X, Y, Z).filled(2.0, 1.0)
    except ValueError as error:
        assert "upper_level" in str(error) or "lower_level" in str(error)
    else:
        raise AssertionError("filled upside down")
