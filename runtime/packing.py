"""The form in which code waits for its import: compressed one module at a time, so that each can be read alone.

Every component has zlib's decoder. One with the whole standard library also has zstd's, which can use a dictionary of what
compiled modules have in common (`guest/src/stdlib.rs`). Reserved for the runtime, and gone at run time.
"""

import sys
import zipimport
import zlib
from functools import partial

import _componentize_py_finder as finder
from _componentize_py_imports import STDLIB

_ARCHIVE = f"{STDLIB}python{sys.version_info.major}{sys.version_info.minor}.zip"
_DICTIONARY = "code.zdict"
_ZLIB_LEVEL = 1  # higher ones take as long as all the rest of a build, and save a tenth
_ZSTD_LEVEL = 15

_zstd_compress = None


def pack(code):
    return _zstd_compress(code) if _zstd_compress else zlib.compress(code, _ZLIB_LEVEL)


def use_dictionary():
    """From now on, code is compressed with zstd; unless that is not linked yet."""
    global _zstd_compress
    before = set(sys.modules)
    try:
        import _zstd
    except ModuleNotFoundError:
        return
    for name in set(sys.modules) - before:
        del sys.modules[name]  # the application has not imported it
    dictionary = zipimport.zipimporter(_ARCHIVE).get_data(_DICTIONARY)
    compressor = _zstd.ZstdCompressor(level=_ZSTD_LEVEL, zstd_dict=_zstd.ZstdDict(dictionary).as_digested_dict)
    _zstd_compress = partial(compressor.compress, mode=compressor.FLUSH_FRAME)
    # Another one: the first keeps the tables of its compressor.
    finder.zstd = partial(_zstd.ZstdDecompressor, _zstd.ZstdDict(dictionary))
