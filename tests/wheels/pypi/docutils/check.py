"""Docutils: reStructuredText to HTML, to a tree and to LaTeX."""

from docutils import nodes
from docutils.core import publish_doctree, publish_parts, publish_string
from docutils.parsers.rst import Directive, directives

TEXT = """
Title
#####

Some *text* with a link_ and ``code``.

.. _link: http://example.com/

.. note:: Look.

+---+---+
| a | b |
+---+---+
| 1 | 2 |
+---+---+
"""


def test_html():
    body = publish_parts(TEXT, writer="html5")["html_body"]
    for part in ["<em>text</em>", 'href="http://example.com/"', "note", "<td><p>1</p></td>"]:
        assert part in body, (part, body)


def test_whole_document():
    page = publish_string(TEXT, writer="html5", settings_overrides={"output_encoding": "unicode"})
    assert "<title>Title</title>" in page and "<style" in page


def test_directive():
    class Hello(Directive):
        has_content = True

        def run(self):
            return [nodes.paragraph(text="hello " + self.content[0])]

    directives.register_directive("hello", Hello)
    assert publish_doctree(".. hello::\n\n   you")[0].astext() == "hello you"


def test_latex():
    assert rb"\emph{text}" in publish_string(TEXT, writer="latex")
