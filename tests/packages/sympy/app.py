"""sympy, which is imported in functions: one of its modules takes a compiler more stack than a component has when it runs."""

from typing import Any, Callable, Dict

import wit_world


def simplified() -> Any:
    import sympy

    x = sympy.symbols("x")
    return sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2), sympy.integrate(sympy.exp(x) * x, x), sympy.diff("x**3")


def large() -> Any:
    from sympy.polys.numberfields.resolvent_lookup import resolvent_coeff_lambdas

    return len(resolvent_coeff_lambdas)


CHECKS: Dict[str, Callable[[], Any]] = {check.__name__: check for check in (simplified, large)}


class WitWorld(wit_world.WitWorld):
    def attempt(self, what: str) -> str:
        try:
            return str(CHECKS[what]())
        except Exception as error:
            return f"{type(error).__name__}: {error}"
