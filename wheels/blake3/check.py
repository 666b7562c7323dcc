"""BLAKE3: test vectors of its project, pieces, keys and output of any length."""

from blake3 import blake3

# The first input of the test vectors is empty; the others count from 0 to 250 again and again.
VECTORS = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    102400: "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
}


def numbers(length):
    return bytes(index % 251 for index in range(length))


def test_vectors():
    for length, digest in VECTORS.items():
        assert blake3(numbers(length)).hexdigest() == digest, length


def test_pieces():
    data = numbers(102400)
    hasher = blake3()
    for start in range(0, len(data), 7777):
        hasher.update(data[start : start + 7777])
    assert hasher.hexdigest() == VECTORS[102400] == hasher.copy().hexdigest()
    hasher.reset()
    assert hasher.hexdigest() == VECTORS[0] and blake3(data, max_threads=blake3.AUTO).hexdigest() == VECTORS[102400]


def test_keys():
    keyed = blake3(b"", key=b"whats the Elvish word for friend")
    assert keyed.hexdigest() == "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"
    derived = blake3(b"", derive_key_context="BLAKE3 2019-12-27 16:29:52 test vectors context")
    assert derived.hexdigest() == "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"


def test_lengths():
    hasher = blake3(b"abc")
    assert hasher.digest(length=100)[:32] == hasher.digest() and hasher.digest(length=10, seek=20) == hasher.digest(length=30)[20:]


def test_errors():
    for function, kind in ((lambda: blake3("text"), TypeError), (lambda: blake3(key=b"short"), ValueError)):
        try:
            function()
        except kind as error:
            assert str(error)
        else:
            raise AssertionError(kind)
