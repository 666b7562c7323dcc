"""Compression and decompression in one piece, in streams, and with dictionaries."""

import io

import zstandard
from zstandard import backend_c

TEXT = b"".join(b"line %d of a text that repeats itself\n" % (number % 97) for number in range(20_000))


def test_the_extension_is_native():
    assert zstandard.backend == "cext" and backend_c.__file__.endswith(".so")


def test_round_trip():
    for level in (-5, 1, 3, 19):
        packed = zstandard.compress(TEXT, level)
        assert len(packed) < len(TEXT) // 20 and zstandard.decompress(packed) == TEXT
    assert zstandard.frame_content_size(packed) == len(TEXT)


def test_streams():
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(write_checksum=True).stream_writer(packed, closefd=False) as writer:
        for start in range(0, len(TEXT), 1000):
            writer.write(TEXT[start : start + 1000])
    packed.seek(0)
    with zstandard.open(packed, "rt") as lines:
        assert sum(1 for _ in lines) == 20_000
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    assert b"".join(decompressor.decompress(bytes([byte])) for byte in packed.getvalue()) == TEXT


def test_dictionaries():
    samples = [b'{"name": "user %d", "mail": "user%d@example.org", "role": "reader"}' % (number, number * 7) for number in range(2000)]
    trained = zstandard.train_dictionary(4096, samples)
    alone = zstandard.ZstdCompressor().compress(samples[0])
    packed = zstandard.ZstdCompressor(dict_data=trained).compress(samples[0])
    assert len(packed) < len(alone)
    assert zstandard.ZstdDecompressor(dict_data=trained).decompress(packed) == samples[0]


def test_errors():
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(TEXT))
    packed[len(packed) // 2] ^= 255
    for data in (bytes(packed), b"no frame", b""):
        try:
            zstandard.decompress(data)
        except zstandard.ZstdError:
            pass
        else:
            raise AssertionError(data)
