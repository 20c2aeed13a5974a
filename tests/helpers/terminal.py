"""Stdin as a terminal, for commands that ask."""

from io import TextIOWrapper

import pytest

from tests.helpers import command


class StdinTerminal(TextIOWrapper):
    """A stream that is a terminal if it is stdin."""

    def isatty(self) -> bool:
        """Whether it is stdin: the helper writes through its output streams."""
        return not self.write_through


def stdin_is_terminal(patch: pytest.MonkeyPatch) -> None:
    """Let the commands that run in this process ask on a terminal."""
    patch.setattr(command, "TextIOWrapper", StdinTerminal)
