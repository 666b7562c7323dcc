"""Unidecode: text of many scripts in ASCII."""

from unidecode import unidecode, unidecode_expect_nonascii


def test_scripts():
    for text, plain in [("Ünï 北京", "Uni Bei Jing "), ("Москва", "Moskva"), ("ελληνικά", "ellenika"), ("한국", "hangug")]:
        assert unidecode(text) == plain, (text, unidecode(text))
        assert unidecode_expect_nonascii(text) == plain


def test_what_is_unknown():
    assert unidecode("a\ue000b") == "ab" and unidecode("a\ue000b", errors="replace") == "a?b"
