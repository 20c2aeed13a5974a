"""What can go wrong, with the exit codes that zoo has."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - what was found
    """A failure with one sentence for the user, a hint and an exit code."""

    code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Usage(Fault):
    """An option or a name that is not valid."""

    code = 2


class Missing(Fault):
    """A file that is not there, or cannot be read."""

    code = 3


class Differs(Fault):
    """An answer that is not the one it was."""

    code = 4


class Corrupt(Fault):
    """A file that is damaged, or unsafe to read."""

    code = 5
