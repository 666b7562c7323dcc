"""Markdown with its extensions, which are found by entry points."""

import markdown


def test_tables_and_code():
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx < y\n```\n"
    html = markdown.markdown(text, extensions=["tables", "fenced_code"])
    assert "<td>1</td>" in html and "<pre><code>x &lt; y\n</code></pre>" in html, html


def test_toc():
    converter = markdown.Markdown(extensions=["toc"])
    assert '<h1 id="one-two">One two</h1>' in converter.convert("# One two")
    assert converter.toc_tokens[0]["id"] == "one-two"
