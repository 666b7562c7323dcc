"""ply: a lexer and an LALR parser made of functions."""

from ply import lex, yacc

tokens = ("NUMBER", "PLUS", "TIMES")
t_PLUS = r"\+"
t_TIMES = r"\*"
t_ignore = " "
precedence = (("left", "PLUS"), ("left", "TIMES"))


def t_NUMBER(t):
    r"\d+"
    t.value = int(t.value)
    return t


def t_error(t):
    raise ValueError(t.value[0])


def p_binary(p):
    """expression : expression PLUS expression
    | expression TIMES expression"""
    p[0] = p[1] + p[3] if p[2] == "+" else p[1] * p[3]


def p_number(p):
    "expression : NUMBER"
    p[0] = p[1]


def p_error(p):
    raise SyntaxError(p)


def test_lexer():
    lexer = lex.lex()
    lexer.input("1 + 23")
    assert [(t.type, t.value) for t in lexer] == [("NUMBER", 1), ("PLUS", "+"), ("NUMBER", 23)]


def test_parser():
    lexer = lex.lex()
    parser = yacc.yacc(write_tables=False, debug=False)
    assert parser.parse("2 + 3 * 4", lexer=lexer) == 14


def test_error():
    parser = yacc.yacc(write_tables=False, debug=False)
    try:
        parser.parse("2 +", lexer=lex.lex())
    except SyntaxError:
        return
    raise AssertionError("a bad text is accepted")
