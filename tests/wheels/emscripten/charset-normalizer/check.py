"""charset-normalizer (mypyc)."""

import charset_normalizer
from charset_normalizer import cd, md


def test_native_code():
    assert cd.__file__.endswith("-emscripten.so") and md.__file__.endswith("-emscripten.so")


def test_detection():
    best = charset_normalizer.from_bytes("Bonjour, où êtes-vous allés cet été ?".encode("cp1252")).best()
    assert "été" in str(best)
