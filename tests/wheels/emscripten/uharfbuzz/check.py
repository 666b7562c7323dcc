"""uharfbuzz (C++ and Cython), an extension for the stable ABI, whose name does not say what it is built for."""

import uharfbuzz


def test_version():
    assert uharfbuzz.version_string().count(".") == 2


def test_text():
    buffer = uharfbuzz.Buffer()
    buffer.add_str("שלום")
    buffer.guess_segment_properties()
    assert (buffer.direction, buffer.script) == ("rtl", "Hebr")


def test_broken_font():
    face = uharfbuzz.Face(b"not a font")
    assert face.glyph_count == 0
