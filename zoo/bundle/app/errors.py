"""What can go wrong, with the exit codes that zoo has."""

from __future__ import annotations


class BundleError(Exception):
    """A failure with one sentence for the user, a hint and an exit code."""

    code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(BundleError):
    """An option or a name that is not valid."""

    code = 2


class MissingFileError(BundleError):
    """A file that is not there, or cannot be read."""

    code = 3


class DifferenceError(BundleError):
    """An answer that is not the one it was."""

    code = 4


class CorruptError(BundleError):
    """A file that is damaged, or unsafe to read."""

    code = 5
