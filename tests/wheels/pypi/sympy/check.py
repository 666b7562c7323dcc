"""SymPy: algebra, calculus, equations and output."""

import sympy

x, y = sympy.symbols("x y")


def test_algebra():
    assert sympy.factor(x**2 - 1) == (x - 1) * (x + 1)
    assert sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2) == 1


def test_calculus():
    assert sympy.integrate(sympy.sin(x) ** 2, (x, 0, sympy.pi)) == sympy.pi / 2
    assert sympy.limit(sympy.sin(x) / x, x, 0) == 1


def test_equations():
    assert sympy.solve([x + y - 3, x - y - 1], [x, y]) == {x: 2, y: 1}
    assert sympy.Matrix([[1, 2], [3, 4]]).det() == -2


def test_output():
    assert sympy.latex(sympy.sqrt(x) / 2) == r"\frac{\sqrt{x}}{2}"
    assert str(sympy.pi.evalf(20)) == "3.1415926535897932385"
