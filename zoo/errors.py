"""What can go wrong, as exceptions that know their remedy and their exit code.

ZooError            1  the run failed
├── ConfigError     2  an entry, an option or a name is not valid
├── DataError       3  data is missing, or is not what was promised
├── Disagreement    4  two ways to the same answer do not agree
└── CorruptFile     5  a file is damaged, or unsafe to read
"""

ISSUE_BREAK = "\n  "  # between the faults of an entry, each of which has a line


class ZooError(Exception):
    """A failure with one sentence for the user, a hint and an exit code."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(ZooError):
    """An entry, an option or a name that is not valid."""

    exit_code = 2


class DataError(ZooError):
    """Data that is missing, or not what was promised."""

    exit_code = 3


class DisagreementError(ZooError):
    """Two ways to the same answer that do not agree."""

    exit_code = 4


class CorruptFileError(ZooError):
    """A file that is damaged, or unsafe to read."""

    exit_code = 5


class Stopped(SystemExit):
    """SIGTERM, which is nobody's failure, wherever it finds us: in a package's code too."""


def describe(error: BaseException) -> str:
    """Return an error of other people's code as its kind and its words."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")
