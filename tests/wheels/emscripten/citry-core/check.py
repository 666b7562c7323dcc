"""Templates and HTML in Rust."""

from citry_core.html_transform import transform_html
from citry_core.safe_eval import SecurityError, safe_eval
from citry_core.template_parser import compile_template, parse_template


def test_a_template():
    source = compile_template(parse_template("<p>Hello {{ name }}!</p>"))
    compile(source, "template", "exec")
    assert "Hello" in source and "name" in source


def test_expressions():
    assert safe_eval("a + b * 2")({"a": 1, "b": 20}) == 41


def test_unsafe_expressions():
    try:
        safe_eval("().__class__.__bases__")({})
    except (SecurityError, SyntaxError) as error:
        assert "__class__" in str(error)
    else:
        raise AssertionError("a private attribute was read")
