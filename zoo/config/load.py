"""Reading, checking and changing an entry."""

import copy
import tomllib
from collections.abc import Sequence

from pydantic import (
    TypeAdapter,
    ValidationError,
)

from zoo.config import issues as faults
from zoo.config.base import (
    expand_shorthand,
)
from zoo.config.entry import FORMAT, Entry, Name, Raw
from zoo.errors import ISSUE_BREAK, ConfigError


class InvalidEntryError(ConfigError):
    """An entry with faults, each of which knows its place."""

    def __init__(self, where: str, issues: Sequence[faults.Issue]) -> None:
        count = "1 fault" if len(issues) == 1 else f"{len(issues)} faults"
        super().__init__(ISSUE_BREAK.join([f"{where} has {count}:", *map(str, issues)]))
        self.found = issues


def parse(text: str, *, where: str) -> Raw:
    """Return the tables of a TOML; `where` names it if it is not one."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOML's own, or a number of thousands of digits
        raise ConfigError(f"{where} is not valid TOML: {error}.") from None
    except RecursionError:
        raise ConfigError(f"{where} is nested too deeply.") from None


def check(raw: Raw, *, where: str) -> Entry:
    """Return the entry, or name every fault in it at once."""
    written = raw.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise ConfigError(
            f"{where} is written for a newer zoo: its format is {written}, and this one reads "
            f"{FORMAT}.",
            hint="`pip install -U numpy-zoo`",
        )
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        raise InvalidEntryError(where, faults.issues_from(error, Entry)) from None


def check_name(name: str) -> None:
    """Raise if an entry cannot have this name."""
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise ConfigError(f"An entry has a name such as my-net-2, and not {name!r}.") from None


def override(raw: Raw, assignments: Sequence[tuple[str, object]]) -> Raw:
    """Return a copy with values set at dotted keys; None takes a key away."""
    raw = copy.deepcopy(raw)
    for key, value in assignments:
        *tables, last = key.split(".")
        table = raw
        for name in tables:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):  # `optimizer = "adam"` grows into a table
                inner = table[name] = expand_shorthand(inner)
            if not isinstance(inner, dict):
                raise ConfigError(f"{key!r} leads into {name!r}, which holds no keys.")
            table = inner
        if value is None:
            table.pop(last, None)
        else:
            table[last] = copy.deepcopy(value)  # or a later key would reach into what was given
    return raw


def parse_assignment(text: str) -> tuple[str, object]:
    """Read KEY=VALUE, where VALUE is written as in TOML; a bare word is a string."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not all(key.strip().split(".")):
        raise ConfigError(
            f"--set needs KEY=VALUE, and got {text!r}.", hint="For example: --set train.epochs=5"
        )
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except ValueError:
        return key.strip(), value.strip()
    except RecursionError:
        raise ConfigError(f"--set {key.strip()} is nested too deeply.") from None
