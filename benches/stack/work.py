"""The first call of an application with pandas: it sums groups, and greets if the sums are right."""

import pandas

FRAME = pandas.DataFrame({"key": ["a", "b", "a"], "value": [1.0, 2.0, 3.0]})


def greet(name: str) -> str:
    sums = FRAME.groupby("key")["value"].sum().to_dict()
    return f"Hello, {name}!" if sums == {"a": 4.0, "b": 2.0} else f"{sums}"
