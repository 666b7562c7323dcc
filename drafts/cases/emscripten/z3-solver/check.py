"""Z3, in C++ with libc++'s ABI 2, called by ctypes."""

import z3


def test_solving():
    x, y = z3.Ints("x y")
    solver = z3.Solver()
    solver.add(x > 2, y < 10, x + 2 * y == 7)
    assert solver.check() == z3.sat
    model = solver.model()
    values = model[x].as_long(), model[y].as_long()
    assert values[0] > 2 and values[1] < 10 and values[0] + 2 * values[1] == 7


def test_no_solution():
    x = z3.Real("x")
    solver = z3.Solver()
    solver.add(x * x < 0)
    assert solver.check() == z3.unsat


def test_bit_vectors():
    x = z3.BitVec("x", 8)
    solver = z3.Solver()
    solver.add(x * 3 == 1)
    assert solver.check() == z3.sat and solver.model()[x].as_long() == 171


def test_simplification():
    a, b = z3.Bools("a b")
    assert z3.is_true(z3.simplify(z3.Or(a, z3.Not(a))))
    assert z3.simplify(z3.And(a, z3.BoolVal(False), b)).eq(z3.BoolVal(False))


def test_an_error():
    try:
        z3.Solver().from_string("(assert (= x")
    except z3.Z3Exception as error:
        assert "line 1" in str(error), error
    else:
        raise AssertionError("unfinished text was read")
