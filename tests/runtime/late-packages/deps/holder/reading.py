"""Reads the package's data by its own name."""

from pkgutil import get_data


def read() -> bytes:
    found = get_data(__name__, "texts/words.txt")
    assert found is not None
    return found
