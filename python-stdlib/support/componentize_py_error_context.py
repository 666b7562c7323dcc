# `componentize_py_runtime` exists in components; elsewhere there is only its stub.
# pyright: reportMissingModuleSource=false
"""The class of WIT's `error-context`, in worlds that have it."""

from __future__ import annotations


class ErrorContext:
    """A message for people, not for programs, about how an error arose. Hosts may shorten it or leave it out.

    It can be passed on any number of times. The host drops it when nothing refers to it any more.
    """

    def __init__(self, debug_message: str) -> None:
        from componentize_py_runtime import ERROR_CONTEXT_NEW, call_import

        call_import(ERROR_CONTEXT_NEW, self, debug_message)

    def debug_message(self) -> str:
        """The message, or the part that the host has kept."""
        from componentize_py_runtime import ERROR_CONTEXT_DEBUG_MESSAGE, call_import

        return call_import(ERROR_CONTEXT_DEBUG_MESSAGE, self)
