"""pyparsing: a grammar with precedence, and its errors."""

import operator

import pyparsing as pp

NUMBER = pp.common.integer
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def fold(tokens):
    value, *rest = tokens[0]
    for sign, other in zip(rest[::2], rest[1::2]):
        value = OPERATORS[sign](value, other)
    return value


EXPRESSION = pp.infix_notation(
    NUMBER, [(pp.one_of("*"), 2, pp.OpAssoc.LEFT, fold), (pp.one_of("+ -"), 2, pp.OpAssoc.LEFT, fold)]
)


def test_precedence():
    assert EXPRESSION.parse_string("2 + 3 * (4 - 1)", parse_all=True)[0] == 11


def test_names():
    pair = pp.Word(pp.alphas)("key") + pp.Suppress("=") + pp.QuotedString('"')("value")
    found = pp.DelimitedList(pp.Group(pair)).parse_string('a = "1", b = "x y"')
    assert [item.as_dict() for item in found] == [{"key": "a", "value": "1"}, {"key": "b", "value": "x y"}]


def test_error():
    try:
        EXPRESSION.parse_string("2 +", parse_all=True)
    except pp.ParseException as error:
        assert error.loc == 3, error.loc
        return
    raise AssertionError("a bad text is accepted")
