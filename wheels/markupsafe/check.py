"""Escaping by the extension, not by its stand-in in Python."""

import markupsafe
from markupsafe import Markup, _speedups, escape


def test_the_extension_is_what_escapes():
    assert markupsafe._escape_inner is _speedups._escape_inner


def test_escape():
    assert escape("<a href='x'>\"&\"</a>") == Markup("&lt;a href=&#39;x&#39;&gt;&#34;&amp;&#34;&lt;/a&gt;")
    # Strings of one, two and four bytes a character take different loops.
    assert escape("ä<ß") == "ä&lt;ß"
    assert escape("→<") == "→&lt;"
    assert escape("🙂<" * 1000) == "🙂&lt;" * 1000


def test_markup():
    assert Markup("<b>%s</b>") % "<x>" == "<b>&lt;x&gt;</b>"
    assert Markup("<p>%(a)s</p>").unescape() == "<p>%(a)s</p>"
    assert escape(Markup("<i>")) == "<i>"
