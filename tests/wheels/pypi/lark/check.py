"""Lark: a grammar for LALR and Earley, and a transformer."""

from lark import Lark, Transformer, UnexpectedInput, v_args

GRAMMAR = """
?sum: product | sum "+" product -> add
?product: atom | product "*" atom -> mul
?atom: NUMBER -> number | "(" sum ")"
%import common.NUMBER
%import common.WS
%ignore WS
"""


@v_args(inline=True)
class Value(Transformer):
    number = float

    def add(self, a, b):
        return a + b

    def mul(self, a, b):
        return a * b


def test_lalr():
    assert Lark(GRAMMAR, start="sum", parser="lalr", transformer=Value()).parse("2 + 3 * (1 + 1)") == 8


def test_earley():
    parser = Lark('start: "a"+ b\nb: "a"*', ambiguity="explicit")
    assert parser.parse("aa").data == "_ambig"


def test_error():
    try:
        Lark(GRAMMAR, start="sum", parser="lalr").parse("2 +\n* 3")
    except UnexpectedInput as error:
        assert (error.line, error.column) == (2, 1)
        return
    raise AssertionError("a bad text is accepted")
