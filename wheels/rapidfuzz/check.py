"""Similar strings, by the implementation in C++."""

import random

import rapidfuzz
from rapidfuzz import distance, fuzz, process, utils
from rapidfuzz.distance import metrics_py

NAMES = ["Atlanta Falcons", "New York Jets", "New York Giants", "Dallas Cowboys"]


def test_the_extensions_are_native():
    from rapidfuzz import fuzz_cpp, process_cpp_impl, utils_cpp
    from rapidfuzz.distance import metrics_cpp

    assert all(module.__file__.endswith(".so") for module in (fuzz_cpp, process_cpp_impl, utils_cpp, metrics_cpp))
    assert fuzz.ratio is fuzz_cpp.ratio
    assert rapidfuzz.__version__ == "3.14.6"


def test_scores():
    assert round(fuzz.ratio("this is a test", "this is a test!"), 1) == 96.6
    assert fuzz.partial_ratio("this is a test", "this is a test!") == 100
    assert fuzz.token_sort_ratio("fuzzy wuzzy was a bear", "wuzzy fuzzy was a bear") == 100
    assert fuzz.WRatio("this is a word", "THIS IS A WORD", processor=utils.default_process) == 100


def test_the_best_of_many():
    assert process.extractOne("cowboys", NAMES, processor=utils.default_process) == ("Dallas Cowboys", 90.0, 3)
    found = process.extract("new york jets", NAMES, processor=utils.default_process, limit=2)
    assert [name for name, _, _ in found] == ["New York Jets", "New York Giants"]


def test_it_agrees_with_the_implementation_in_python():
    random.seed(1)
    for _ in range(200):
        one, other = ("".join(random.choices("abcäö→🙂", k=random.randrange(100))) for _ in range(2))
        assert distance.Levenshtein.distance(one, other) == metrics_py.levenshtein_distance(one, other)
        assert distance.Indel.distance(one, other) == metrics_py.indel_distance(one, other)
        assert abs(distance.JaroWinkler.similarity(one, other) - metrics_py.jaro_winkler_similarity(one, other)) < 1e-12


def test_edits():
    edits = distance.Levenshtein.editops("qabxcd", "abycdf")
    assert [(edit.tag, edit.src_pos, edit.dest_pos) for edit in edits] == [("delete", 0, 0), ("replace", 3, 2), ("insert", 6, 5)]
    assert edits.apply("qabxcd", "abycdf") == "abycdf"


def test_errors_of_python_pass_through_c_plus_plus():
    for function, arguments in ((fuzz.ratio, (1, "a")), (process.extract, ("a", 5)), (distance.Hamming.distance, ("ab", "a"))):
        try:
            function(*arguments, **({"pad": False} if function is distance.Hamming.distance else {}))
        except (TypeError, ValueError):
            pass
        else:
            raise AssertionError(function)
