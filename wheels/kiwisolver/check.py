"""Constraints with strengths, edits, and the exceptions that C++ throws."""

import kiwisolver
from kiwisolver import Solver, UnsatisfiableConstraint, Variable


def test_layout():
    left, width, right = Variable("left"), Variable("width"), Variable("right")
    solver = Solver()
    for constraint in (right == left + width, left >= 10, right <= 100, (width == 200) | "weak"):
        solver.addConstraint(constraint)
    solver.updateVariables()
    assert (left.value(), width.value(), right.value()) == (10, 90, 100)


def test_edits():
    x, y = Variable("x"), Variable("y")
    solver = Solver()
    solver.addConstraint(y == 2 * x + 1)
    solver.addEditVariable(x, "strong")
    for value in (3, 5.5):
        solver.suggestValue(x, value)
        solver.updateVariables()
        assert y.value() == 2 * value + 1


def test_exceptions():
    x = Variable("x")
    solver = Solver()
    solver.addConstraint(x >= 2)
    try:
        solver.addConstraint(x <= 1)
    except UnsatisfiableConstraint as error:
        assert "x" in str(error)
    else:
        raise AssertionError("satisfied")
    assert kiwisolver.__version__.count(".") == 2
