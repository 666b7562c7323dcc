"""MurmurHash 3: known hashes, seeds, pieces and errors."""

import mmh3


def test_known_hashes():
    assert mmh3.__file__.endswith(".so")
    assert mmh3.hash("foo") == -156908512 and mmh3.hash("foo", 42, signed=False) == mmh3.hash("foo", 42) % 2**32
    assert mmh3.hash(b"") == 0 and mmh3.hash(b"", 1) == 0x514E28B7
    assert mmh3.hash64("foo") == (-2129773440516405919, 9128664383759220103)
    assert mmh3.hash_bytes("foo").hex() == "6145f501578671e2877dba2be487af7e"


def test_pieces():
    data = bytes(range(256)) * 9
    for kind in (mmh3.mmh3_32, mmh3.mmh3_x64_128, mmh3.mmh3_x86_128):
        hasher = kind(seed=3)
        for start in range(0, len(data), 77):
            hasher.update(data[start : start + 77])
        assert hasher.digest() == kind(data, 3).digest() == hasher.copy().digest() != kind(data).digest()
    assert mmh3.mmh3_32(data, 3).sintdigest() == mmh3.hash(data, 3) == mmh3.hash_from_buffer(memoryview(data), 3)


def test_errors():
    for function, kind in ((lambda: mmh3.hash(3), TypeError), (lambda: mmh3.hash("a", -1), ValueError)):
        try:
            function()
        except kind:
            pass
        else:
            raise AssertionError(kind)
