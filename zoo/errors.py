"""Exceptions, each with a message for the user, a hint and an exit code.

ZooError                 1  the run failed
├── ConfigError          2  an entry, an option or a name is not valid
├── DataError            3  data is missing, or is not as expected
├── DisagreementError    4  two computations of the same result disagree
└── CorruptFileError     5  a file is damaged, or unsafe to read
"""

from zoo.system.commands import quote

ISSUE_BREAK = "\n  "  # separates the issues of an entry; each has its own line


class ZooError(Exception):
    """A failure with one sentence for the user, a hint and an exit code."""

    exit_code = 1

    _hint = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def hint(self) -> str:
        """What to do next; a note of the exception, so that a traceback shows it."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        notes: list[str] = getattr(self, "__notes__", [])
        if self._hint in notes:
            notes.remove(self._hint)
        self._hint = hint
        if hint:
            self.add_note(hint)


class ConfigError(ZooError):
    """An entry, an option or a name that is not valid."""

    exit_code = 2


class DataError(ZooError):
    """Data that is missing, or is not as expected."""

    exit_code = 3


class DisagreementError(ZooError):
    """Two computations of the same result that disagree."""

    exit_code = 4


class CorruptFileError(ZooError):
    """A file that is damaged, or unsafe to read."""

    exit_code = 5


class Stopped(SystemExit):
    """SIGTERM. It is not a failure, even if it arrives while code of a plugin runs."""


def describe(error: BaseException) -> str:
    """Return an exception of third-party code as its type and its message."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - it is third-party code, too
        message = ""
    return f"{type(error).__name__}: {message}".removesuffix(": ")


def install_hint(extra: str = "") -> str:
    """Return the hint that installs zoo, or zoo with one of its extras."""
    what = quote(f".[{extra}]") if extra else "."
    return f"Run `pip install {what}` in a clone of zoo."
