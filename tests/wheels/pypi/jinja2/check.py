"""Jinja: inheritance, escaping, filters and the sandbox."""

from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from jinja2.sandbox import SandboxedEnvironment, SecurityError

TEMPLATES = {
    "base.html": "<title>{% block title %}{% endblock %}</title>",
    "page.html": "{% extends 'base.html' %}{% block title %}{{ name }}: {{ items|sort|join(', ') }}{% endblock %}",
    "macro.txt": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{% for i in range(3) %}{{ twice(i) }}{% endfor %}",
}


def test_inheritance_and_escaping():
    environment = Environment(loader=DictLoader(TEMPLATES), autoescape=True)
    text = environment.get_template("page.html").render(name="<a>", items=["c", "b"])
    assert text == "<title>&lt;a&gt;: b, c</title>", text


def test_macro():
    assert Environment(loader=DictLoader(TEMPLATES)).get_template("macro.txt").render() == "001122"


def test_undefined():
    template = Environment(undefined=StrictUndefined).from_string("{{ missing }}")
    try:
        template.render()
    except UndefinedError as error:
        assert "missing" in str(error)
        return
    raise AssertionError("an undefined name is accepted")


def test_sandbox():
    try:
        SandboxedEnvironment().from_string("{{ ''.__class__.__mro__ }}").render()
    except SecurityError:
        return
    raise AssertionError("the sandbox lets an attribute through")
