"""Command lines: those that zoo prints to be typed again, and those that it receives."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from glob import glob, has_magic

from zoo import system

PLAIN = re.compile(r"[\w./\\:=+\[\]*?~-]+")  # others mean something in cmd or in PowerShell


def quote(word: str) -> str:
    """Return one word of a command as it is typed; cmd and PowerShell know double quotes alone."""
    return join([word])


def join(words: Sequence[str]) -> str:
    """Return a command as it is typed."""
    if not system.IS_WINDOWS:
        return shlex.join(words)
    return " ".join(map(_quoted_for_windows, words))


def _quoted_for_windows(word: str) -> str:
    if PLAIN.fullmatch(word):
        return word
    from subprocess import list2cmdline

    return f'"{list2cmdline([f" {word}"])[2:]}'  # a space, so that it writes quotation marks


def split(text: str) -> list[str]:
    r"""Return the words of a command in a variable; on Windows a \ separates folders."""
    words = shlex.split(text, posix=not system.IS_WINDOWS)
    return [word.strip('"') for word in words] if system.IS_WINDOWS else words


def expanded(arguments: Iterable[str]) -> list[str]:
    """Return the arguments of the program with the files that match globs.

    Shells do this, except those of Windows. As in a shell, a glob without a file stays as it is;
    but quotation marks do not prevent it, because Windows removes them.
    """
    if not system.IS_WINDOWS:
        return list(arguments)
    return [word for argument in arguments for word in _expanded(argument)]


def _expanded(argument: str) -> Iterator[str]:
    if argument.startswith("~"):
        argument = os.path.expanduser(argument)  # noqa: PTH111 - Path raises for an unknown user
    is_glob = has_magic(argument) and not argument.startswith("-") and not os.path.lexists(argument)
    files = sorted(glob(argument, recursive=True)) if is_glob else []  # noqa: PTH207 - Path.glob needs a folder
    yield from files or [argument]
