"""librt (C), the runtime of mypyc."""

import time

import librt.base64
import librt.time


def test_base64():
    assert librt.base64.b64encode(b"hello") == b"aGVsbG8="


def test_time():
    assert abs(librt.time.time() - time.time()) < 60
