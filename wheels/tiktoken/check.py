"""Tokens of an encoding that is made here: the published ones are downloaded."""

import pickle

import tiktoken
from tiktoken import _tiktoken

PARTS = [b"th", b"he", b"the", b" t", b" the", b"in", b"ing", b" a", b"\xc3\xa4"]
RANKS = {bytes([byte]): byte for byte in range(256)} | {part: 256 + index for index, part in enumerate(PARTS)}
END = 1000


def encoding():
    pattern = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""
    return tiktoken.Encoding("small", pat_str=pattern, mergeable_ranks=RANKS, special_tokens={"<|end|>": END})


def test_the_extension_is_native():
    assert _tiktoken.__file__.endswith(".so")


def test_pairs_are_merged_by_rank():
    small = encoding()
    assert small.encode("the") == [258] and small.encode(" the") == [260]
    assert small.encode("thing") == [256, 262] and small.encode("ä") == [264]
    assert small.encode("x1234") == [120, 49, 50, 51, 52]


def test_round_trip():
    small = encoding()
    text = "Then the thing: ä→🙂\r\n  a tab\t, and 1234567 numbers. " * 50
    tokens = small.encode(text)
    assert small.decode(tokens) == text and len(tokens) < len(text.encode())
    assert b"".join(small.decode_tokens_bytes(tokens)) == text.encode()
    pieces, offsets = small.decode_with_offsets(tokens)
    assert pieces == text and offsets[0] == 0 and offsets == sorted(offsets)


def test_special_tokens():
    small = encoding()
    assert small.encode("the<|end|>", allowed_special="all") == [258, END]
    assert END not in small.encode("the<|end|>", disallowed_special=())
    try:
        small.encode("the<|end|>")
    except ValueError as error:
        assert "<|end|>" in str(error)
    else:
        raise AssertionError("accepted")


def test_long_pieces():
    small = encoding()
    assert small.decode(small.encode("the" * 2000)) == "the" * 2000


def test_errors():
    small = encoding()
    for function, value in ((small.decode_single_token_bytes, 99_999), (small.encode_single_token, "no such token")):
        try:
            function(value)
        except KeyError:
            pass
        else:
            raise AssertionError(value)


def test_copies():
    tiktoken.registry.ENCODINGS["small"] = encoding()
    assert pickle.loads(pickle.dumps(encoding())).encode("the") == [258]
