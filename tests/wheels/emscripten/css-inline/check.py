"""css-inline (Rust), an extension for the stable ABI, whose name does not say what it is built for."""

import css_inline


def test_styles():
    html = css_inline.inline("<html><head><style>h1 { color: red }</style></head><body><h1>x</h1></body></html>")
    assert '<h1 style="color: red' in html, html


def test_errors():
    try:
        css_inline.CSSInliner(base_url="not a url")
    except ValueError as error:
        assert "relative URL" in str(error), error
    else:
        raise AssertionError("the address is none")
