"""Each algorithm packs and unpacks: in one piece, in many, into buffers, and as other libraries do."""

import bz2
import gzip
import lzma
import zlib

import cramjam

TEXT = b"Compression of text that repeats: text that repeats. " * 400
VARIANTS = ["snappy", "brotli", "bzip2", "lz4", "gzip", "deflate", "zlib", "zstd", "xz"]


def test_round_trips():
    for name in VARIANTS:
        variant = getattr(cramjam, name)
        packed = bytes(variant.compress(TEXT))
        assert len(packed) < len(TEXT) / 5 and bytes(variant.decompress(packed)) == TEXT, name
        assert bytes(variant.decompress(bytes(variant.compress(b"")))) == b"", name


def test_other_libraries():
    for name, other in (("gzip", gzip), ("bzip2", bz2), ("zlib", zlib), ("xz", lzma)):
        assert other.decompress(bytes(getattr(cramjam, name).compress(TEXT))) == TEXT
        assert bytes(getattr(cramjam, name).decompress(other.compress(TEXT))) == TEXT


def test_pieces():
    for name in ("snappy", "brotli", "bzip2", "lz4", "gzip", "zstd"):
        packer = getattr(cramjam, name).Compressor()
        for start in range(0, len(TEXT), 1000):
            packer.compress(TEXT[start : start + 1000])
        assert bytes(getattr(cramjam, name).decompress(packer.finish())) == TEXT, name


def test_raw_blocks():
    packed = cramjam.snappy.compress_raw(TEXT)
    assert bytes(cramjam.snappy.decompress_raw(packed)) == TEXT and cramjam.snappy.decompress_raw_len(packed) == len(TEXT)
    assert bytes(cramjam.snappy.compress_raw(b"abc")) == b"\x03\x08abc"
    assert bytes(cramjam.lz4.decompress_block(cramjam.lz4.compress_block(TEXT))) == TEXT


def test_buffers():
    out = bytearray(len(TEXT))
    assert cramjam.zstd.decompress_into(cramjam.zstd.compress(TEXT, level=9), out) == len(TEXT) and bytes(out) == TEXT
    buffer = cramjam.Buffer(b"0123456789")
    buffer.seek(4)
    assert bytes(buffer.read(3)) == b"456" and buffer.tell() == 7 and len(buffer) == 10


def test_errors():
    for name in VARIANTS:
        try:
            getattr(cramjam, name).decompress(b"no such data, at least not packed")
        except cramjam.DecompressionError as error:
            assert str(error)
        else:
            raise AssertionError(name)
