"""What can go wrong that is not a bug: each error is one clear line and an exit code."""

from __future__ import annotations


class NodemendError(Exception):
    """An expected failure: shown as one line without a traceback.

    `hint` says what to do about it; `exit_code` is what the process answers (2: usage, configuration or input).
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(NodemendError):
    """A configuration file or option that does not make sense."""


class InputError(NodemendError):
    """A path, archive or stream that cannot be scanned at all."""


class BugError(NodemendError):
    """A bug of ours that ended the analysis of some files, but not the scan."""

    exit_code = 3


class RuleError(NodemendError):
    """A mistake in a rule page: `path`, 1-based `line` and `column` point at it."""

    def __init__(self, message: str, *, path: str, line: int, column: int = 1, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {super().__str__()}"


class PatchError(NodemendError):
    """A patch that cannot be read or applied; `hunk` is the 1-based number of the one that failed (0: none)."""

    def __init__(self, message: str, *, hunk: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.hunk = hunk
