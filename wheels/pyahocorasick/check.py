"""Many words found in one pass, prefixes, patterns and copies."""

import pickle

import ahocorasick


def automaton(words):
    found = ahocorasick.Automaton()
    for index, word in enumerate(words):
        found.add_word(word, (index, word))
    found.make_automaton()
    return found


def test_words():
    found = [(end, word) for end, (_, word) in automaton(["he", "she", "hers", "her", "ß"]).iter("ushers ß")]
    assert found == [(3, "she"), (3, "he"), (4, "her"), (5, "hers"), (7, "ß")]
    longest = [(end, word) for end, (_, word) in automaton(["he", "she", "hers", "her"]).iter_long("ushers")]
    assert longest == [(3, "she")]


def test_many():
    words = [f"word{number}x" for number in range(5000)]
    text = "".join(words)
    ends = [end for end, _ in automaton(words).iter(text)]
    assert len(ends) == 5000 and ends[-1] == len(text) - 1


def test_trie():
    trie = ahocorasick.Automaton()
    for word in ("car", "cart", "cat", "dog"):
        trie.add_word(word, len(word))
    assert sorted(trie.keys("ca")) == ["car", "cart", "cat"] and trie.get("cart") == 4 and "ca" not in trie
    assert sorted(trie.keys("ca?", "?", ahocorasick.MATCH_EXACT_LENGTH)) == ["car", "cat"]
    assert trie.longest_prefix("cartoon") == 4 and trie.pop("dog") == 3 and len(trie) == 3
    assert trie.kind == ahocorasick.TRIE


def test_copies():
    copy = pickle.loads(pickle.dumps(automaton(["a", "b"])))
    assert [value for _, value in copy.iter("ab")] == [(0, "a"), (1, "b")]


def test_errors():
    trie = ahocorasick.Automaton()
    for function, kind in ((lambda: trie.get("x"), KeyError), (lambda: trie.add_word(3, 1), TypeError), (lambda: trie.iter("x"), AttributeError)):
        try:
            function()
        except kind:
            pass
        else:
            raise AssertionError(kind)
