"""A package's module."""


def function():
    """Its function."""
