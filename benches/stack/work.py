"""The first call of an application with pandas, SciPy and scikit-learn: it sums groups, solves equations, fits a line, and greets if
the results are right."""

import numpy
import pandas
from scipy import linalg, optimize
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

FRAME = pandas.DataFrame({"key": ["a", "b", "a"], "value": [1.0, 2.0, 3.0]})
MATRIX = numpy.array([[2.0, 1.0], [1.0, 3.0]])
X = numpy.arange(10.0).reshape(-1, 1)


def greet(name: str) -> str:
    sums = FRAME.groupby("key")["value"].sum().to_dict()
    solution = linalg.solve(MATRIX, [3.0, 5.0])
    root = optimize.brentq(lambda x: x * x - 2, 0, 2)
    slope = LinearRegression().fit(StandardScaler().fit_transform(X), 3 * X[:, 0]).coef_[0]
    results = [*sums.values(), *solution, root, slope / X.std()]
    is_right = numpy.allclose(results, [4, 2, 0.8, 1.4, 2**0.5, 3])
    return f"Hello, {name}!" if is_right else f"{results}"
