"""Reading, checking and changing an entry."""

import copy
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from zoo.config import toml
from zoo.config.base import expand_shorthand
from zoo.config.entry import FORMAT, Entry, Name, Raw
from zoo.config.issues import Issue, issues_from
from zoo.errors import ISSUE_BREAK, ConfigError


class InvalidEntryError(ConfigError):
    """An entry with issues, each at a key."""

    def __init__(self, where: str, issues: Sequence[Issue]) -> None:
        count = "1 problem" if len(issues) == 1 else f"{len(issues)} problems"
        super().__init__(ISSUE_BREAK.join([f"{where} has {count}:", *map(str, issues)]))
        self.issues = issues


def parse(text: str, *, where: str) -> Raw:
    """Return the tables of a TOML; `where` names it in an error."""
    try:
        return toml.loads(text)
    except ValueError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}.") from None


def check(raw: Raw, *, where: str) -> Entry:
    """Return the entry, or raise an error with all its issues."""
    written = raw.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise ConfigError(
            f"{where} has format {written}, for a newer zoo; this version reads format {FORMAT}.",
            hint="Run `git pull` and `pip install .` in the clone of zoo.",
        )
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        raise InvalidEntryError(where, issues_from(error, Entry)) from None


def check_name(name: str) -> None:
    """Raise if an entry cannot have this name."""
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise ConfigError(
            f"Invalid entry name; expected a name such as my-net-2, got {name!r}."
        ) from None


def override(raw: Raw, assignments: Sequence[tuple[str, object]]) -> Raw:
    """Return a copy with values set at dotted keys; None removes a key."""
    raw = copy.deepcopy(raw)
    for key, value in assignments:
        *tables, last = key.split(".")
        table = raw
        for name in tables:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):  # `optimizer = "adam"` becomes a table
                inner = table[name] = expand_shorthand(inner)
            if not isinstance(inner, dict):
                raise ConfigError(f"There is no key {key!r}: {name!r} is not a table.")
            table = inner
        if value is None:
            table.pop(last, None)
        else:
            table[last] = copy.deepcopy(value)  # a later key may change it in place
    return raw


def parse_assignment(text: str) -> tuple[str, object]:
    """Return the key and the value of KEY=VALUE; VALUE is TOML, or a string without quotes."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key or not all(key.split(".")):
        raise ConfigError(
            f"Invalid --set; expected KEY=VALUE, got {text!r}.",
            hint="For example, use `--set train.rate=0.05`.",
        )
    try:
        return key, toml.value(value)
    except ValueError as error:
        raise ConfigError(f"--set {key} is not valid: {error}.") from None
