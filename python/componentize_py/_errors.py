"""The classes of exceptions for failed builds."""

from __future__ import annotations


class Error(Exception):
    """A failed build; nothing has been written. The text is one sentence and its causes."""

    detail: str | None
    """The application's exception and output, or the message of the WIT parser: several lines."""

    hint: str | None
    """The next thing to do."""

    def __init__(self, message: str, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.hint = hint
        # Shown below the message where Python knows notes: from 3.11 on.
        notes = [text for text in (detail, f"hint: {hint}" if hint else None) if text]
        if notes:
            self.__notes__ = notes


class UserError(Error):
    """A fault in the input: the command ends with exit code 1."""


class UsageError(UserError):
    """Invalid arguments: the command ends with exit code 2."""


class WitError(UserError):
    """The WIT, or the choice of a world, is at fault."""


class AppError(UserError):
    """The application is at fault: not found, raised an exception while it was imported, lacks a class, and so on."""


class ConfigError(UserError):
    """A name, an option or a `componentize-py.toml` is at fault."""


class FileError(UserError):
    """A file cannot be read or written."""


class InternalError(Error):
    """A bug in componentize-py: please report it. The command ends with exit code 101."""


_KINDS: dict[str, type[Error]] = {
    "user": UserError,
    "usage": UsageError,
    "wit": WitError,
    "app": AppError,
    "config": ConfigError,
    "file": FileError,
    "internal": InternalError,
}


def from_failure(failure: tuple[str, str, str | None, str | None]) -> Error:
    """The exception for a failure that `_native.run` returned."""
    kind, message, detail, hint = failure
    return _KINDS[kind](message, detail, hint)
