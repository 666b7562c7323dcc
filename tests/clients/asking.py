"""Where requests go, and what became of them, for both versions of WASI."""

import os


def origin() -> str:
    return os.environ["ORIGIN"]


def shown(error: BaseException) -> str:
    """An exception with what led to it."""
    text = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    cause = error.__cause__ or error.__context__
    return text if cause is None else f"{text}\n    from {shown(cause)}"
