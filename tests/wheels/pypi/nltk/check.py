"""NLTK: what needs no corpus: tokens, stems, grammars, distances and counts."""

import nltk
from nltk.metrics import edit_distance
from nltk.stem import PorterStemmer, SnowballStemmer
from nltk.tokenize import TweetTokenizer, TreebankWordTokenizer, regexp_tokenize


def test_tokens():
    assert TreebankWordTokenizer().tokenize("They don't.") == ["They", "do", "n't", "."]
    assert TweetTokenizer().tokenize("@you :-) #tag") == ["@you", ":-)", "#tag"]
    assert regexp_tokenize("a1 b22", r"\d+") == ["1", "22"]


def test_stems():
    assert PorterStemmer().stem("relational") == "relat"
    assert SnowballStemmer("german").stem("häuser") == "haus"


def test_grammar():
    grammar = nltk.CFG.fromstring("S -> N V\nN -> 'cats' | 'dogs'\nV -> 'run'")
    (tree,) = nltk.ChartParser(grammar).parse(["dogs", "run"])
    assert str(tree) == "(S (N dogs) (V run))"


def test_counts():
    assert nltk.FreqDist("abracadabra").most_common(1) == [("a", 5)]
    assert list(nltk.bigrams([1, 2, 3])) == [(1, 2), (2, 3)]
    assert edit_distance("kitten", "sitting") == 3


def test_missing_corpus():
    try:
        nltk.data.find("tokenizers/punkt")
    except LookupError:
        return
    raise AssertionError("a corpus that nobody has loaded")
