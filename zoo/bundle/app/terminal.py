"""Answers drawn in a terminal: what the network sees, beside its probabilities as bars."""

from __future__ import annotations

import os
import sys

from .output import called, plain, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Model
    from .predict import Answer

RAMP = " .:-=+*#%@"  # from nothing to the brightest
BAR = 24  # columns of a probability of 1
BESIDE = len(" ") + len(" 100.0%")  # and the name of a class
GAP = 3  # columns between a picture and the bars
SMALL = 14  # a picture of fewer columns is drawn twice as large
PIPE_WIDTH = 200


def drawings(model: Model, answers: Iterable[Answer], top: int | None) -> Iterator[str]:
    """Yield every picture as the network sees it, beside the probabilities as bars."""
    colour, columns = _colour(), _columns()
    for answer in answers:
        picture = (
            _coloured(model, answer.of.image, colour)
            if colour
            else _lettered(model, answer.of.image)
        )
        side = model.shape[1]
        width = (2 * side if side < SMALL else side) if colour else 2 * side
        names = list(map(plain, model.names))
        bars = _bars(answer, names, top, columns)
        lines = [called(answer)] + ([answer.of.said] if answer.of.said else [])
        if width + GAP + BAR + BESIDE + max(map(len, names)) <= columns:
            count = max(len(picture), len(bars))
            left = picture + [" " * width] * (count - len(picture))
            right = bars + [""] * (count - len(bars))
            lines += [f"{one}{' ' * GAP}{other}" for one, other in zip(left, right)]
        else:
            lines += picture + bars
        yield "".join(f"{line.rstrip()}\n" for line in lines)


def _bars(answer: Answer, names: list[str], top: int | None, columns: int) -> list[str]:
    width = max(map(len, names))
    full = min(BAR, max(columns - BESIDE - width, 1))
    block = "█" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    wanted = dict(answer.best(top or len(names)))
    return [
        f"{names[label]:<{width}} {block * round(full * chance):<{full}} {share(chance):>6}"
        for label, chance in enumerate(answer.probabilities)
        if label in wanted
    ]


def _lettered(model: Model, image: bytes) -> list[str]:
    """Return a picture whose pixels are a letter twice."""
    letters = [
        2 * RAMP[round(value * (len(RAMP) - 1) / model.highest)]
        for value in range(model.highest + 1)
    ]
    columns = model.shape[1]
    return [
        "".join(letters[value] for value in image[at : at + columns])
        for at in range(0, len(image), columns)
    ]


def _coloured(model: Model, image: bytes, colour: str) -> list[str]:
    """Return a picture of half blocks, each two pixels, the lower one being the background."""
    columns = model.shape[1]
    rows = [
        [value * 255 // model.highest for value in image[at : at + columns]]
        for at in range(0, len(image), columns)
    ]
    if columns < SMALL:
        rows = [[value for value in row for _ in range(2)] for row in rows for _ in range(2)]
    if len(rows) % 2:
        rows.append([0] * columns)
    return [
        "".join(
            f"\x1b[38;{_shade(high, colour)};48;{_shade(low, colour)}m▀"
            for high, low in zip(above, below)
        )
        + "\x1b[0m"
        for above, below in zip(rows[::2], rows[1::2])
    ]


def _shade(grey: int, colour: str) -> str:
    """Return a grey as terminals take it: one of all colours, or one of 26 of the 256."""
    if colour == "true":
        return f"2;{grey};{grey};{grey}"
    step = round(grey * 25 / 255)
    return f"5;{16 if step == 0 else 231 if step == 25 else 231 + step}"


def _colour() -> str:
    """Return which colours arrive: true ones, 256, or none."""
    told = os.environ.get
    if not sys.stdout.isatty() or told("NO_COLOR") or told("TERM", "dumb") == "dumb":
        return ""
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        return ""
    if told("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "true"
    return "256" if "256color" in told("TERM", "") else ""


def _columns() -> int:
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        from shutil import get_terminal_size

        return get_terminal_size().columns
    return PIPE_WIDTH
