"""Axes of figures: linear, logarithmic or of names; their ends, their ticks and their labels."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile
from typing import Self
from unicodedata import east_asian_width

from zoo.formatting import number

LETTER, WIDE_LETTER = 7.5, 12.0  # pixels of a letter at 12 pixels; the fonts are not known
SPACE, LINE = 8, 18  # pixels between two labels, and between two lines of text
MAX_STEPS = 6  # between the ticks
MIN_NAME = 48  # pixels of a name and its space, in which it is cut rather than left out
EPSILON = 1e-9


@dataclass(frozen=True)
class Axis:
    """The range of a direction, and its label."""

    low: float
    high: float
    label: str = ""
    is_log: bool = False
    is_whole: bool = False  # ticks are whole numbers
    names: tuple[str, ...] = ()  # of the ticks at 0, 1, 2 and so on

    @classmethod
    def around(
        cls,
        values: Iterable[float],
        label: str = "",
        *,
        within: tuple[float, float] = (-math.inf, math.inf),
        is_whole: bool = False,
    ) -> Self:
        """Return an axis that contains the values and ends at its ticks, or at a limit."""
        values = list(values)
        low, high = min(values), max(values)
        if _are_equal(low, high):
            margin = abs(low) / 2 or 1
            low, high = low - margin, high + margin
        low, high = max(low, within[0]), min(high, within[1])
        step = next(
            step
            for step in _steps((high - low) / MAX_STEPS)
            if math.ceil(high / step - EPSILON) - math.floor(low / step + EPSILON) <= MAX_STEPS
        )
        low = round(math.floor(low / step + EPSILON) * step, 10)
        high = round(math.ceil(high / step - EPSILON) * step, 10)
        return cls(max(low, within[0]), min(high, within[1]), label, is_whole=is_whole)

    @classmethod
    def log_around(cls, values: Iterable[float], label: str = "") -> Self:
        """Return a logarithmic axis that ends at 1, 2 or 5 times a power of ten."""
        values = list(values)
        low, high = min(values), max(values)
        if _are_equal(low, high):
            low, high = low / 2, high * 2
        outside = log_ticks(low / 10, high * 10)
        return cls(
            max(tick for tick in outside if tick <= low * (1 + EPSILON)),
            min(tick for tick in outside if tick >= high * (1 - EPSILON)),
            label,
            is_log=True,
        )

    @classmethod
    def of(cls, names: Sequence[str], label: str = "") -> Self:
        """Return an axis of names."""
        return cls(-0.5, len(names) - 0.5, label, names=tuple(names))

    def share(self, value: float) -> float:
        """Return the position of a value between the ends, from 0 to 1."""
        scale = math.log if self.is_log else float
        low, high = scale(self.low), scale(self.high)
        return (scale(value) - low) / (high - low)

    def ticks(self, room: float, *, is_across: bool = True) -> dict[float, str]:
        """Return the values to mark, each with its text: as many as have room in these pixels."""
        if self.names:
            shown = range(0, len(self.names), self._stride(room))
            return {float(index): self.names[index] for index in shown}
        for values in self._choices():
            labels = {value: number(value) for value in values}
            spans = []
            for value, label in labels.items():
                half = (width_of(label) if is_across else LINE - SPACE) / 2
                spans.append((room * self.share(value) - half, room * self.share(value) + half))
            if all(start - end >= SPACE for (_, end), (start, _) in pairwise(spans)):
                break
        return labels

    def label_room(self, room: float) -> float:
        """Return the pixels of each text; names that are longer have to be cut."""
        return room / len(self.names) * self._stride(room) - SPACE if self.names else math.inf

    def _stride(self, room: float) -> int:
        return math.ceil(MIN_NAME * len(self.names) / room)

    def _choices(self) -> Iterable[list[float]]:
        """Yield sets of ticks, the best first and a single tick last."""
        if self.is_log:
            fine = log_ticks(self.low, self.high)
            powers = [value for value in fine if f"{value:e}".startswith("1")]
            fewer = (powers[::stride] for stride in range(1, len(powers)))
            others = (fine[::stride] for stride in range(2, len(fine)))
            yield from (values for values in chain([fine], fewer, others) if len(values) > 1)
        for max_steps in range(MAX_STEPS, 0, -1):
            values = ticks(self.low, self.high, max_steps=max_steps)
            if whole := [value for value in values if not self.is_whole or value == round(value)]:
                yield whole
        yield [self.low]


def ticks(low: float, high: float, *, max_steps: int = MAX_STEPS) -> list[float]:
    """Return round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    step = next(_steps((high - low) / max_steps))
    first, last = math.ceil(low / step - EPSILON), math.floor(high / step + EPSILON)
    return [round(index * step, 10) for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten from low to high."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = (float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5))
    return [value for value in values if low * (1 - EPSILON) <= value <= high * (1 + EPSILON)]


def _steps(least: float) -> Iterator[float]:
    """Yield 1, 2 and 5 times the powers of ten from the least on."""
    exponent = math.floor(math.log10(least))
    while True:
        yield from (
            step
            for step in (10.0**exponent * digit for digit in (1, 2, 5))
            if step >= least * (1 - EPSILON)
        )
        exponent += 1


def width_of(text: str) -> float:
    """Return the pixels of a text, rather too many than too few."""
    return sum(WIDE_LETTER if east_asian_width(letter) in "WF" else LETTER for letter in text)


def shortened(text: str, room: float) -> str:
    """Return a text, cut with … if it has no room in these pixels."""
    if width_of(text) <= room:
        return text
    while text and width_of(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"


def distinct(texts: Sequence[str], room: float) -> list[str]:
    """Return texts, each cut to its room; if one has to be, what all begin with goes first."""
    if len(texts) == 1 or max(map(width_of, texts)) <= room:
        return [shortened(text, room) for text in texts]
    columns = zip(*texts, strict=False)
    shared = len(list(takewhile(lambda letters: len(set(letters)) == 1, columns)))
    rest = [f"…{text[shared:]}" if shared > 1 else text for text in texts]
    return [shortened(text, room) for text in rest]


def _are_equal(low: float, high: float) -> bool:
    """Whether two numbers differ by rounding alone; such an axis would have no length."""
    return high - low <= EPSILON * max(abs(low), abs(high), 1)
