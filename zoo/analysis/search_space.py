"""What a search may choose from: for each key of a recipe a range of numbers or a few values."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from zoo.config.entry import Entry
from zoo.errors import ConfigError

LOG, TO = "log:", ".."
TABLES = {"preprocess", "network", "train"}  # whose keys are for a search to choose
EXAMPLE = "For example: --space train.rate=log:0.001..1 --space network.hidden=16,32,64"


@dataclass(frozen=True)
class Range:
    """Numbers from one to another, both included; by their logarithms, or evenly."""

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether these are whole numbers alone."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def ends(self) -> tuple[object, ...]:
        """The values that must be possible for all to be."""
        return self.low, self.high

    def share(self, value: float) -> float:
        """Return how far a value lies between the ends."""
        bend = math.log if self.log else float
        low, high = bend(self.low), bend(self.high)
        return (bend(value) - low) / (high - low)

    def __str__(self) -> str:
        return f"{LOG if self.log else ''}{self.low}{TO}{self.high}"


@dataclass(frozen=True)
class Choice:
    """A few values, each as it would stand in a TOML."""

    texts: tuple[str, ...]

    @property
    def ends(self) -> tuple[object, ...]:
        """The values that must be possible for all to be: all."""
        return tuple(map(self.value, self.texts))

    @staticmethod
    def value(text: str) -> object:
        """Return what a text stands for; a bare word is a string."""
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except ValueError:
            return text

    def share(self, text: str) -> float:
        """Return how far a value lies between the first and the last."""
        return self.texts.index(text) / max(len(self.texts) - 1, 1)

    def __str__(self) -> str:
        return ",".join(self.texts)


Space = Mapping[str, Range | Choice]
Values = Mapping[str, object]


def parse(texts: Sequence[str]) -> dict[str, Range | Choice]:
    """Read what --space says: KEY=LOW..HIGH, KEY=log:LOW..HIGH or KEY=VALUE,VALUE,..."""
    space: dict[str, Range | Choice] = {}
    for text in texts:
        key, _, words = (part.strip() for part in text.partition("="))
        if not words or not all(key.split(".")):
            raise ConfigError(f"--space needs KEY=VALUES, and got {text!r}.", hint=EXAMPLE)
        table = key.partition(".")[0]
        if table in Entry.model_fields.keys() - TABLES or key == "train.seed":
            raise ConfigError(
                f"--space cannot choose {key}: it would change what the trials are judged by.",
                hint="Keys of [preprocess], [network] and [train] can be searched; "
                "--seeds says which seeds.",
            )
        if key in space:
            raise ConfigError(f"--space names {key} twice.")
        space[key] = _range(text, words) if TO in words else _choice(text, words)
    if not space:
        raise ConfigError("A search needs something to choose from: --space.", hint=EXAMPLE)
    return space


def _range(text: str, words: str) -> Range:
    low, _, high = words.removeprefix(LOG).partition(TO)
    log = words.startswith(LOG)
    try:
        found = Range(_number(low), _number(high), log)
    except ValueError:
        raise ConfigError(f"--space {text}: a range is two numbers.", hint=EXAMPLE) from None
    if not found.low < found.high:
        raise ConfigError(f"--space {text}: the first number must be the smaller one.")
    if log and found.low <= 0:
        raise ConfigError(f"--space {text}: only numbers above 0 have a logarithm.")
    return found


def _number(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if not math.isfinite(number):
            raise
        return number


def _choice(text: str, words: str) -> Choice:
    """Cut at the commas that are in no bracket and in no quotes."""
    parts, depth, quoted = [""], 0, ""
    for letter in words:
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
        raise ConfigError(f"--space {text}: every value is named once.", hint=EXAMPLE)
    return Choice(texts)


def settings(entry: Entry, values: Values) -> list[tuple[str, object]]:
    """Return the changes that chosen values make; a width alone becomes a list of one."""
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


def corners(space: Space) -> list[dict[str, object]]:
    """Return values that try every choice and both ends of every range at least once."""
    first = {key: axis.ends[0] for key, axis in space.items()}
    others = [{**first, key: end} for key, axis in space.items() for end in axis.ends[1:]]
    return [first, *others]


def combinations(space: Space) -> list[dict[str, str]]:
    """Return every combination of a grid, each value by its text."""
    for key, axis in space.items():
        if isinstance(axis, Range):
            raise ConfigError(
                f"A grid needs values for {key}, and {axis} is a range.",
                hint="For example: --space train.rate=0.01,0.03,0.1",
            )
    texts = [axis.texts for axis in space.values() if isinstance(axis, Choice)]
    return [dict(zip(space, several, strict=True)) for several in product(*texts)]
