"""What can go wrong, as classes of exceptions."""

from __future__ import annotations


class Error(Exception):
    """A build that failed; nothing has been written. The text is one sentence and its causes."""

    detail: str | None
    """What the application raised and printed, or what the parser of WIT said: several lines."""

    hint: str | None
    """What to do next."""

    def __init__(self, message: str, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.hint = hint
        # Shown below the message where Python knows notes: from 3.11 on.
        notes = [text for text in (detail, f"hint: {hint}" if hint else None) if text]
        if notes:
            self.__notes__ = notes


class UserError(Error):
    """Something in the input is at fault: the command ends with exit code 1."""


class UsageError(UserError):
    """Arguments that make no sense: the command ends with exit code 2."""


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
    """The exception for a failure as `_native.run` gives it."""
    kind, message, detail, hint = failure
    return _KINDS[kind](message, detail, hint)
