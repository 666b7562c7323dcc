"""A package of the application's own that is imported in a function."""

from importlib import import_module


def relative() -> str:
    return import_module(".sub", __package__).NAME
