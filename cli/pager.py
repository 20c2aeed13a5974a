"""Long texts on a terminal: one screen at a time, in the pager that the user prefers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress

from zoo.system.commands import split


def show(text: str) -> None:
    """Print a text to the terminal; one that is longer than the screen is shown in a pager."""
    program = _program()
    if text.count("\n") < shutil.get_terminal_size().lines or not program:
        print(text, end="")
        return
    sys.stdout.flush()
    # less then shows colours, and leaves the text on the screen when it ends
    settings = {"LESS": "RX", **os.environ}
    pager = subprocess.Popen(program, stdin=subprocess.PIPE, env=settings)  # noqa: S603 - the user's
    with suppress(OSError):  # the pager was left before the end
        pager.communicate(text.encode())
    while pager.poll() is None:
        with suppress(KeyboardInterrupt):  # Ctrl-C belongs to the pager
            pager.wait()


def _program() -> list[str]:
    """Return the command line of PAGER, or of less; empty if it does not exist."""
    try:
        words = split(os.environ.get("PAGER", "less"))
    except ValueError:  # a quotation that does not end
        return []
    return words if words and shutil.which(words[0]) and sys.stdin.isatty() else []
