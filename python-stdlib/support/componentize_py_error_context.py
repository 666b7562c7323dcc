# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The class of WIT's `error-context`, in worlds that have it."""

from __future__ import annotations


class ErrorContext:
    """Tells people, not programs, how an error came about, by a message that hosts may shorten or leave out.

    It can be passed on as often as you like; the host forgets it when nothing refers to it any more.
    """

    def __init__(self, debug_message: str) -> None:
        from componentize_py_runtime import ERROR_CONTEXT_NEW, call_import

        call_import(ERROR_CONTEXT_NEW, self, debug_message)

    def debug_message(self) -> str:
        """The message, or what the host has left of it."""
        from componentize_py_runtime import ERROR_CONTEXT_DEBUG_MESSAGE, call_import

        return call_import(ERROR_CONTEXT_DEBUG_MESSAGE, self)
