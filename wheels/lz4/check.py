"""Blocks, frames and streams."""

import io

import lz4
import lz4.block
import lz4.frame
from lz4.block import _block
from lz4.frame import _frame

TEXT = b"".join(b"line %d of a text that repeats itself\n" % (number % 97) for number in range(20_000))


def test_the_extensions_are_native():
    assert _block.__file__.endswith(".so") and _frame.__file__.endswith(".so")
    assert lz4.library_version_number() >= 10_900


def test_blocks():
    for mode in ("default", "fast", "high_compression"):
        packed = lz4.block.compress(TEXT, mode=mode)
        assert len(packed) < len(TEXT) // 20 and lz4.block.decompress(packed) == TEXT
    assert lz4.block.decompress(lz4.block.compress(b"abc", dict=TEXT[:1000]), dict=TEXT[:1000]) == b"abc"


def test_frames():
    assert lz4.frame.decompress(lz4.frame.compress(b"codec")) == b"codec"
    packed = lz4.frame.compress(TEXT, compression_level=9, content_checksum=True, block_linked=False)
    assert lz4.frame.get_frame_info(packed)["content_size"] == len(TEXT)
    assert lz4.frame.decompress(packed) == TEXT


def test_streams():
    file = io.BytesIO()
    with lz4.frame.open(file, "wb") as stream:
        for start in range(0, len(TEXT), 1000):
            stream.write(TEXT[start : start + 1000])
    file.seek(0)
    with lz4.frame.open(file) as stream:
        assert sum(1 for _ in stream) == 20_000


def test_errors():
    packed = bytearray(lz4.frame.compress(TEXT, content_checksum=True))
    packed[len(packed) // 2] ^= 255
    for function, data in ((lz4.frame.decompress, bytes(packed)), (lz4.frame.decompress, b"no frame"), (lz4.block.decompress, b"\xff" * 20)):
        try:
            function(data)
        except (RuntimeError, ValueError, lz4.block.LZ4BlockError):
            pass
        else:
            raise AssertionError(data)
