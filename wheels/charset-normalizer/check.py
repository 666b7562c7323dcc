"""Detection, with the modules that Cython has compiled."""

import charset_normalizer
from charset_normalizer import cd, from_bytes, md

GERMAN = "Größere Überraschungen gab es für die Bürger der Städte nicht, schließlich wußte man früher über öffentliche Gebäude Bescheid. " * 4
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных губерний. " * 4


def test_the_modules_are_compiled():
    for module in (md, cd):
        assert module.__file__.endswith(".cpython-314-wasm32-wasi.so"), module.__file__


def test_detection():
    for text, encoding in [(GERMAN, "utf-8"), (GERMAN, "utf-16"), (RUSSIAN, "cp1251")]:
        best = from_bytes(text.encode(encoding)).best()
        assert best is not None and str(best) == text, encoding


def test_legacy_interface():
    assert charset_normalizer.detect("plain".encode())["encoding"] == "ascii"
    assert charset_normalizer.is_binary(bytes(range(256)) * 20)


def test_mess():
    assert md.mess_ratio(GERMAN) < 0.1 < md.mess_ratio(GERMAN.encode().decode("cp437"))
