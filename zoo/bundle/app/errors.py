"""Errors, with the exit codes of zoo."""

from __future__ import annotations


class BundleError(Exception):
    """A failure: one sentence for the user, a hint and an exit code."""

    code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(BundleError):
    """An option or a name that is not valid."""

    code = 2


class MissingFileError(BundleError):
    """A file that does not exist, or cannot be read."""

    code = 3


class DifferenceError(BundleError):
    """A prediction that differs from the packed one."""

    code = 4


class CorruptError(BundleError):
    """A file that is damaged or unsafe to read."""

    code = 5
