"""hypothesis, whose native part is in Rust."""

from hypothesis._native.internal.cathetus import cathetus


def test_native_code():
    assert cathetus(5.0, 4.0) == 3.0
