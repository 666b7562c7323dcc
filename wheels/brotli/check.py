"""Compression in one piece and in streams, as HTTP clients and servers use it."""

import _brotli
import brotli

TEXT = b"".join(b"line %d of a text that repeats itself\n" % (number % 97) for number in range(20_000))


def test_the_extension_is_native():
    assert _brotli.__file__.endswith(".so")


def test_round_trip():
    for quality in (0, 5, 11):
        for mode in (brotli.MODE_GENERIC, brotli.MODE_TEXT, brotli.MODE_FONT):
            packed = brotli.compress(TEXT[:200_000], mode=mode, quality=quality)
            assert len(packed) < 20_000 and brotli.decompress(packed) == TEXT[:200_000]


def test_the_built_in_dictionary():
    page = b"<!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>"
    assert len(brotli.compress(page)) < len(page) // 2 and brotli.decompress(brotli.compress(page)) == page


def test_streams():
    compressor = brotli.Compressor(quality=4)
    packed = b"".join(compressor.process(TEXT[start : start + 1000]) for start in range(0, len(TEXT), 1000))
    packed += compressor.flush() + compressor.finish()
    decompressor = brotli.Decompressor()
    assert b"".join(decompressor.process(bytes([byte])) for byte in packed) == TEXT
    assert decompressor.is_finished()


def test_errors():
    packed = brotli.compress(TEXT)
    for data in (packed[:-5], b"no stream at all", packed + b"x"):
        try:
            brotli.decompress(data)
        except brotli.error:
            pass
        else:
            raise AssertionError(data)
