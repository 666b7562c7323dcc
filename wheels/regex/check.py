"""The features of `regex` beyond `re`, all of them in the extension."""

import regex
from regex import _regex


def test_the_extension_is_there():
    assert _regex.MAGIC and regex.compile("a").__class__.__module__ == "_regex"


def test_all_captures():
    match = regex.match(r"(?P<word>\w+) (?P<word>\w+)", "one two")
    assert match.capturesdict() == {"word": ["one", "two"]}
    assert match.allcaptures()[1] == ["one", "two"] and match.allspans()[0] == [(0, 7)]
    assert match.re.groupindex == {"word": 1}


def test_overlapped_and_fuzzy():
    assert regex.findall(r"..", "abcd", overlapped=True) == ["ab", "bc", "cd"]
    found = regex.search(r"(?:fuzzy){e<=1}", "a fuzy match")
    assert found is not None and found.fuzzy_counts == (0, 0, 1)


def test_recursion_and_captures():
    balanced = regex.compile(r"\((?:[^()]++|(?R))*\)")
    assert balanced.fullmatch("(a(b)(c(d)))") and not balanced.fullmatch("(a(b)")
    assert regex.match(r"(?:(\w)-)+", "a-b-c-").captures(1) == ["a", "b", "c"]


def test_unicode():
    assert regex.findall(r"\X", "e\u0301🇩🇪x") == ["e\u0301", "🇩🇪", "x"]
    assert regex.sub(r"\p{Script=Greek}+", "-", "aβγd") == "a-d"
    assert regex.fullmatch(r"(?if)strasse", "straße")


def test_deep_patterns_end():
    assert regex.match(r"(a|b)*c", "ab" * 50_000 + "c")
    try:
        regex.compile("(" * 100_000)
    except (regex.error, RecursionError):
        pass
    else:
        raise AssertionError("accepted")
