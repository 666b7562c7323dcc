"""mpmath: many digits."""

from mpmath import findroot, mp, mpf, quad, sqrt, zeta


def test_digits():
    with mp.workdps(50):
        assert str(mp.pi) == "3.1415926535897932384626433832795028841971693993751"
        assert abs(sqrt(mpf(2)) ** 2 - 2) < mpf(10) ** -48


def test_numeric():
    assert abs(quad(lambda x: x**2, [0, 3]) - 9) < 1e-12
    assert abs(findroot(mp.cos, 1.5) - mp.pi / 2) < 1e-12
    assert abs(zeta(2) - mp.pi**2 / 6) < 1e-12


def test_matrix():
    solution = mp.lu_solve(mp.matrix([[2, 1], [1, 3]]), mp.matrix([3, 5]))
    assert abs(solution[0] - mpf(4) / 5) < 1e-12 and abs(solution[1] - mpf(7) / 5) < 1e-12
