"""simpleeval: expressions of strangers."""

import simpleeval


def test_expressions():
    assert simpleeval.simple_eval("2 ** 3 + x", names={"x": 1}) == 9
    assert simpleeval.simple_eval("f(2) if x else 'no'", names={"x": True}, functions={"f": lambda a: a * 2}) == 4


def test_refused():
    for text, error in [
        ("().__class__", simpleeval.FeatureNotAvailable),
        ("open('x')", simpleeval.FunctionNotDefined),
        ("9 ** 9 ** 9", simpleeval.NumberTooHigh),
        ("'x' * 999999", simpleeval.IterableTooLong),
    ]:
        try:
            simpleeval.simple_eval(text)
        except error:
            continue
        raise AssertionError(f"`{text}` is accepted")


def test_compound_types():
    assert simpleeval.EvalWithCompoundTypes().eval("[x * 2 for x in (1, 2)]") == [2, 4]
