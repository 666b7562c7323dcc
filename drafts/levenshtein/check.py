"""Distances, similarities and edits of strings, by the extension in C++."""

import Levenshtein
from Levenshtein import levenshtein_cpp


def test_distances():
    assert levenshtein_cpp.__file__.endswith(".so")
    assert Levenshtein.distance("kitten", "sitting") == 3 and Levenshtein.distance("lewenstein", "levenshtein", weights=(1, 1, 2)) == 3
    assert Levenshtein.distance("Grüße", "Gruse") == 2 and Levenshtein.distance("a" * 500, "b" * 400) == 500
    assert Levenshtein.distance("kitten", "sitting", score_cutoff=1) == 2
    assert Levenshtein.hamming("karolin", "kathrin") == 3


def test_similarities():
    assert abs(Levenshtein.ratio("kitten", "sitting") - 8 / 13) < 1e-12
    assert abs(Levenshtein.jaro("MARTHA", "MARHTA") - 0.944444) < 1e-6
    assert abs(Levenshtein.jaro_winkler("MARTHA", "MARHTA") - 0.961111) < 1e-6


def test_edits():
    edits = Levenshtein.editops("spam", "park")
    assert edits == [("delete", 0, 0), ("insert", 3, 2), ("replace", 3, 3)]
    assert Levenshtein.apply_edit(edits, "spam", "park") == "park"
    assert Levenshtein.opcodes("ab", "ac") == [("equal", 0, 1, 0, 1), ("replace", 1, 2, 1, 2)]
    assert Levenshtein.matching_blocks(edits, "spam", "park") == [(1, 0, 2), (4, 4, 0)]


def test_medians():
    words = ["Levnhtein", "Leveshein", "Leenshten", "Leveshtei", "Lenshtein", "Lvenstein", "Levenhtin", "evenshtei"]
    assert Levenshtein.median(words) == "Levenshtein" and Levenshtein.median_improve("spam", words) == "enhtein"
    assert Levenshtein.setmedian(["ehee", "cceaes", "chees", "chreesc", "chees"]) == "chees"
    assert 0 < Levenshtein.seqratio(["newspaper", "litter bin"], ["caterpillar", "newspaper"]) < 1


def test_errors():
    try:
        Levenshtein.hamming("a", "ab", pad=False)
    except ValueError as error:
        assert "same length" in str(error)
    else:
        raise AssertionError("accepted")
