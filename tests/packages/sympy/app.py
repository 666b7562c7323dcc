"""sympy, which is imported in functions: one of its modules takes a compiler more stack than a component has when it runs."""

from typing import Any

from attempts import attempts


def simplified() -> Any:
    import sympy

    x = sympy.symbols("x")
    return sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2), sympy.integrate(sympy.exp(x) * x, x), sympy.diff("x**3")


def large() -> Any:
    from sympy.polys.numberfields.resolvent_lookup import resolvent_coeff_lambdas

    return len(resolvent_coeff_lambdas)


WitWorld = attempts(simplified, large)
