"""Pygments: lexers and formatters by name."""

from pygments import highlight
from pygments.formatters import HtmlFormatter, get_formatter_by_name
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, guess_lexer


def test_html():
    html = highlight("def f(): pass", get_lexer_by_name("python"), HtmlFormatter(nowrap=True))
    assert html.startswith('<span class="k">def</span>'), html


def test_names():
    for name, file in [("Rust", "a.rs"), ("TOML", "a.toml"), ("JavaScript", "a.js")]:
        assert get_lexer_for_filename(file).name == name
    assert guess_lexer("#!/usr/bin/perl\nprint 1;").name == "Perl"


def test_terminal_and_styles():
    text = highlight("x = 1", get_lexer_by_name("python"), get_formatter_by_name("terminal256", style="monokai"))
    assert "\x1b[38;5;" in text, text
    assert ".k {" in HtmlFormatter(style="friendly").get_style_defs()
