"""Search space: for each key of a recipe, a range of numbers or a list of values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from zoo.config import toml
from zoo.config.entry import Entry
from zoo.errors import ConfigError
from zoo.training.record import finite

LOG, TO = "log:", ".."
TABLES = {"preprocess", "network", "train"}  # the tables whose keys can be searched
EXAMPLE = "For example: --space train.rate=log:0.001..1 --space network.hidden=16,32,64"


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, both included, sampled uniformly or log-uniformly."""

    low: float
    high: float
    log: bool = False

    @property
    def is_integer(self) -> bool:
        """Whether the range has only integers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def bounds(self) -> tuple[object, ...]:
        """The values to validate: if both are valid, all are."""
        return self.low, self.high

    def position(self, value: float) -> float:
        """Return the position of a value between the ends, from 0 to 1."""
        scale = math.log if self.log else float
        low, high = scale(self.low), scale(self.high)
        return (scale(value) - low) / (high - low)

    def __str__(self) -> str:
        return f"{LOG if self.log else ''}{self.low}{TO}{self.high}"


@dataclass(frozen=True)
class Choice:
    """A list of values, each as TOML text."""

    texts: tuple[str, ...]

    @property
    def bounds(self) -> tuple[object, ...]:
        """The values to validate: all of them."""
        return tuple(map(self.value, self.texts))

    @staticmethod
    def value(text: str) -> object:
        """Return the value of a TOML text; a bare word is a string."""
        try:
            return toml.value(text)
        except ValueError:  # beyond the bounds of TOML; the entry says what it expects
            return text

    def position(self, text: str) -> float:
        """Return the position of a value in the list, from 0 to 1."""
        return self.texts.index(text) / max(len(self.texts) - 1, 1)

    def __str__(self) -> str:
        return ",".join(self.texts)


Space = Mapping[str, Range | Choice]
Values = Mapping[str, object]


def parse(texts: Sequence[str]) -> dict[str, Range | Choice]:
    """Parse the values of --space: KEY=LOW..HIGH, KEY=log:LOW..HIGH or KEY=VALUE,VALUE,..."""
    space: dict[str, Range | Choice] = {}
    for text in texts:
        key, _, axis = (part.strip() for part in text.partition("="))
        if not axis or not all(key.split(".")):
            raise ConfigError(f"--space: expected KEY=VALUES, got {text!r}.", hint=EXAMPLE)
        table = key.partition(".")[0]
        if table in Entry.model_fields.keys() - TABLES or key == "train.seed":
            raise ConfigError(
                f"--space cannot search {key}: trials would no longer be comparable.",
                hint="Search keys of [preprocess], [network] and [train]; choose seeds by --seeds.",
            )
        if key in space:
            raise ConfigError(f"--space names {key} twice.")
        space[key] = _range(text, axis) if TO in axis else _choice(text, axis)
    if not space:
        raise ConfigError("A search needs at least one --space.", hint=EXAMPLE)
    return space


def _range(text: str, axis: str) -> Range:
    low, _, high = axis.removeprefix(LOG).partition(TO)
    log = axis.startswith(LOG)
    try:
        result = Range(_number(low), _number(high), log)
    except ValueError:
        raise ConfigError(f"--space {text}: expected two numbers.", hint=EXAMPLE) from None
    if not result.low < result.high:
        raise ConfigError(f"--space {text}: the first number must be the smaller one.")
    if log and result.low <= 0:
        raise ConfigError(f"--space {text}: a log range needs numbers above 0.")
    return result


def _number(text: str) -> float:
    number = finite(text)
    try:
        return int(text)
    except ValueError:
        return number


def _choice(text: str, axis: str) -> Choice:
    """Split at the commas that are outside brackets and quotes."""
    parts, depth, quoted = [""], 0, ""
    for letter in axis:
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        if letter == "," and not (depth or quoted):
            parts.append("")
        else:
            parts[-1] += letter
    texts = tuple(part.strip() for part in parts)
    if not all(texts) or len(set(texts)) < len(texts):
        raise ConfigError(f"--space {text}: a value is empty or given twice.", hint=EXAMPLE)
    return Choice(texts)


def settings(entry: Entry, values: Values) -> list[tuple[str, object]]:
    """Return the values as changes of the entry; a single value of a list key becomes a list."""
    tables = entry.model_dump(mode="json")
    return [
        (key, [value] if _is_list(tables, key) and not isinstance(value, list) else value)
        for key, value in values.items()
    ]


def _is_list(tables: object, key: str) -> bool:
    for part in key.split("."):
        if not isinstance(tables, dict):
            return False
        tables = tables.get(part)
    return isinstance(tables, list)


def grid_corners(space: Space) -> list[dict[str, object]]:
    """Return sets of values that have every choice and both ends of every range at least once."""
    first = {key: axis.bounds[0] for key, axis in space.items()}
    others = [{**first, key: end} for key, axis in space.items() for end in axis.bounds[1:]]
    return [first, *others]


def combinations(space: Space) -> list[dict[str, str]]:
    """Return every combination of a grid; each value is its text."""
    for key, axis in space.items():
        if isinstance(axis, Range):
            raise ConfigError(
                f"A grid needs a list of values for {key}, got the range {axis}.",
                hint="For example: --space train.rate=0.01,0.03,0.1",
            )
    texts = [axis.texts for axis in space.values() if isinstance(axis, Choice)]
    return [dict(zip(space, values, strict=True)) for values in product(*texts)]
