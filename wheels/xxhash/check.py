"""Hashes that the project of xxHash publishes, in one piece and in many."""

import xxhash

TEXT = bytes(range(256)) * 40


def test_the_extension_is_native():
    assert xxhash._xxhash.__file__.endswith(".so")


def test_known_hashes():
    assert xxhash.xxh32_hexdigest(b"") == "02cc5d05" and xxhash.xxh64_hexdigest(b"") == "ef46db3751d8e999"
    assert xxhash.xxh32_hexdigest(b"abc") == "32d153ff" and xxhash.xxh64_hexdigest(b"abc") == "44bc2cf5ad770999"
    assert xxhash.xxh3_64_hexdigest(b"") == "2d06800538d394c2"
    assert xxhash.xxh3_128_hexdigest(b"") == "99aa06d3014798d86001c324468d497f"


def test_pieces():
    for kind in (xxhash.xxh32, xxhash.xxh64, xxhash.xxh3_64, xxhash.xxh3_128):
        whole, pieces = kind(TEXT, seed=7), kind(seed=7)
        for start in range(0, len(TEXT), 333):
            pieces.update(TEXT[start : start + 333])
        copy = pieces.copy()
        assert pieces.digest() == whole.digest() == copy.digest() and pieces.intdigest() == int(whole.hexdigest(), 16)
        assert kind(TEXT).digest() != whole.digest() and len(whole.digest()) == kind().digest_size
        copy.reset()
        assert copy.digest() == kind(b"", seed=7).digest()


def test_errors():
    for value in (None, 3, [1]):
        try:
            xxhash.xxh64(value)
        except TypeError:
            pass
        else:
            raise AssertionError(value)
