"""Errors and their hints."""

import copy
import traceback
from collections.abc import Callable
from multiprocessing import Pipe

import pytest

from zoo.config.catalog import UnknownEntryError
from zoo.errors import ConfigError, ZooError, describe


def shown(error: Exception) -> list[str]:
    """Return the lines of a plain traceback."""
    return "".join(traceback.format_exception(error)).splitlines()


@pytest.mark.parametrize("again", [0, 1, 2])
def test_hint_in_traceback(again: int) -> None:
    """A hint is shown once below the message, also if it is set later or several times."""
    error = ConfigError("It is wrong.", hint="Guess.") if again else ConfigError("It is wrong.")
    for _ in range(again or 1):
        error.hint = "Correct it."
    assert error.hint == "Correct it."
    assert shown(error) == ["zoo.errors.ConfigError: It is wrong.", "Correct it."]


def test_hint_removed() -> None:
    """Other notes stay."""
    error = ZooError("It failed.", hint="Try again.")
    error.add_note("In the second cell.")
    error.hint = ""
    assert shown(error) == ["zoo.errors.ZooError: It failed.", "In the second cell."]


def test_hint_of_subclass() -> None:
    error = UnknownEntryError("digits-1O", ["digits-10"], [])
    assert shown(error)[1:] == ["Did you mean 'digits-10'?"]


def sent(error: ZooError) -> ZooError:
    """Return the error as another process receives it."""
    here, there = Pipe()
    here.send(error)
    received: ZooError = there.recv()
    return received


@pytest.mark.parametrize("copied", [copy.copy, sent])
def test_hint_of_a_copy(copied: Callable[[ZooError], ZooError]) -> None:
    error = copied(ConfigError("It is wrong.", hint="Correct it."))
    assert error.hint == "Correct it."
    assert shown(error) == ["zoo.errors.ConfigError: It is wrong.", "Correct it."]


class UnprintableError(Exception):
    """An exception of third-party code whose message cannot be made."""

    def __init__(self, message: object) -> None:
        self.message = message

    def __str__(self) -> str:
        return self.message  # type: ignore[return-value]


def test_describe_unprintable_error() -> None:
    """Its type alone is the description."""
    assert describe(UnprintableError(5)) == "UnprintableError"
    assert describe(UnprintableError("a text")) == "UnprintableError: a text"
