"""A package of the project's own with data."""

import pkgutil


def motto() -> str:
    return (pkgutil.get_data(__name__, "motto.txt") or b"").decode().strip()
