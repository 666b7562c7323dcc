"""Chunks of text in Rust, with slices of the same memory."""

from chonkie_core import Chunker, merge_splits, split_offsets

TEXT = "Hello world. How are you? I'm fine.\nThanks for asking."


def test_chunks_end_where_sentences_end():
    chunks = [bytes(chunk).decode() for chunk in Chunker(TEXT, size=20)]
    assert chunks == ["Hello world.", " How are you?", " I'm fine.\n", "Thanks for asking."], chunks


def test_offsets_cover_the_text():
    offsets = split_offsets(TEXT, delimiters=".?")
    assert [TEXT[start:end] for start, end in offsets] == ["Hello world.", " How are you?", " I'm fine.", "\nThanks for asking."]


def test_merging():
    merged = merge_splits(["a", "bb", "ccc"], [1, 2, 3], 3)
    assert merged.merged == ["abb", "ccc"] and merged.token_counts == [3, 3]
