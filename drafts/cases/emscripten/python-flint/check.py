"""FLINT, MPFR and GMP: numbers of any size, exact fractions, polynomials, and real numbers with bounds of their errors."""

from flint import acb, arb, ctx, fmpq, fmpz, fmpz_mat, fmpz_poly, nmod


def test_integers():
    assert fmpz(2) ** 127 - 1 == 170141183460469231731687303715884105727
    assert (fmpz(2) ** 67 - 1).factor() == [(193707721, 1), (761838257287, 1)]
    assert fmpz(10) ** 40 // 3 == int("3" * 40)


def test_fractions_and_residues():
    assert sum(fmpq(1, n) for n in range(1, 11)) == fmpq(7381, 2520)
    assert nmod(3, 17) ** 16 == 1 and 1 / nmod(3, 17) == 6


def test_polynomials():
    content, factors = fmpz_poly([-1, 0, 0, 0, 1]).factor()
    assert content == 1 and {str(factor) for factor, _ in factors} == {"x + 1", "x + (-1)", "x^2 + 1"}


def test_matrices():
    assert fmpz_mat([[2, 1], [1, 1]]) ** 30 == fmpz_mat([[2504730781961, 1548008755920], [1548008755920, 956722026041]])
    assert fmpz_mat(3, 3, [2, 0, 1, 1, 3, 2, 1, 1, 4]).det() == 18


def test_real_numbers():
    ctx.dps = 50
    assert arb.pi().str(50, radius=False) == "3.1415926535897932384626433832795028841971693993751"
    third = arb(1) / 3
    assert third.rad() > 0 and third.contains(fmpq(1, 3)) and abs(acb(0, arb.pi()).exp() + 1) < arb("1e-45")
    ctx.default()
