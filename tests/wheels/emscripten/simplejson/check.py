"""simplejson (C)."""

import simplejson
from simplejson import _speedups


def test_native_code():
    assert simplejson.encoder.c_make_encoder is _speedups.make_encoder


def test_there_and_back():
    assert simplejson.loads(simplejson.dumps({"a": [1, "é"]})) == {"a": [1, "é"]}
