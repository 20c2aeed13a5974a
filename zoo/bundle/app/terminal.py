"""Predictions drawn in a terminal: the image beside bars of its probabilities."""

from __future__ import annotations

import os
import sys

from .output import percent, source_label
from .texts import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Model
    from .predict import Prediction

RAMP = " .:-=+*#%@"  # from nothing to the brightest
BAR = 24  # columns of a probability of 1
BESIDE = len(" ") + len(" 100.0%")  # columns beside a bar, without the name of the class
GAP = 3  # columns between an image and the bars
SMALL = 14  # an image of fewer columns is drawn twice as large
PIPE_WIDTH = 200


def drawings(model: Model, predictions: Iterable[Prediction], top: int | None) -> Iterator[str]:
    """Yield every image as the network sees it, beside bars of its probabilities."""
    colour_mode, columns = _colour_mode(), _columns()
    for prediction in predictions:
        pixels = bytes(map(int, prediction.input.image))
        image = _half_blocks(model, pixels, colour_mode) if colour_mode else _letters(model, pixels)
        side = model.shape[1]
        width = (2 * side if side < SMALL else side) if colour_mode else 2 * side
        names = list(map(printable, model.names))
        bars = _bars(prediction, names, top, columns)
        lines = [source_label(model, prediction)]
        if prediction.input.steps:
            lines.append(printable(prediction.input.steps))
        if width + GAP + BAR + BESIDE + max(map(len, names)) <= columns:
            count = max(len(image), len(bars))
            left = image + [" " * width] * (count - len(image))
            right = bars + [""] * (count - len(bars))
            lines += [f"{line}{' ' * GAP}{bar}" for line, bar in zip(left, right)]
        else:
            lines += image + bars
        yield "".join(f"{line.rstrip()}\n" for line in lines)


def _bars(prediction: Prediction, names: list[str], top: int | None, columns: int) -> list[str]:
    width = max(map(len, names))
    full = min(BAR, max(columns - BESIDE - width, 1))
    block = "█" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    shown = dict(prediction.best(top or len(names)))
    lines = []
    for label, probability in enumerate(prediction.probabilities):
        if label in shown:
            bar = block * round(full * probability)
            lines.append(f"{names[label]:<{width}} {bar:<{full}} {percent(probability):>6}")
    return lines


def _letters(model: Model, image: bytes) -> list[str]:
    """Return the image with two letters per pixel."""
    letters = [
        2 * RAMP[round(value * (len(RAMP) - 1) / model.highest)]
        for value in range(model.highest + 1)
    ]
    columns = model.shape[1]
    return [
        "".join(letters[value] for value in image[start : start + columns])
        for start in range(0, len(image), columns)
    ]


def _half_blocks(model: Model, image: bytes, colour_mode: str) -> list[str]:
    """Return the image in half blocks of two pixels; the lower one is the background colour."""
    columns = model.shape[1]
    rows = [
        [value * 255 // model.highest for value in image[start : start + columns]]
        for start in range(0, len(image), columns)
    ]
    if columns < SMALL:
        rows = [[value for value in row for _ in range(2)] for row in rows for _ in range(2)]
    if len(rows) % 2:
        rows.append([0] * columns)
    return [
        "".join(
            f"\x1b[38;{_shade(high, colour_mode)};48;{_shade(low, colour_mode)}m▀"
            for high, low in zip(above, below)
        )
        + "\x1b[0m"
        for above, below in zip(rows[::2], rows[1::2])
    ]


def _shade(grey: int, colour_mode: str) -> str:
    """Return the escape sequence of a grey: 24-bit, or one of 26 greys of the 256 colours."""
    if colour_mode == "true":
        return f"2;{grey};{grey};{grey}"
    step = round(grey * 25 / 255)
    return f"5;{16 if step == 0 else 231 if step == 25 else 231 + step}"


def _colour_mode() -> str:
    """Return the colours that stdout supports: "true", "256" or "" for none."""
    variable = os.environ.get
    if not sys.stdout.isatty() or variable("NO_COLOR") or variable("TERM", "dumb") == "dumb":
        return ""
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        return ""
    if variable("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "true"
    return "256" if "256color" in variable("TERM", "") else ""


def _columns() -> int:
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        from shutil import get_terminal_size

        return get_terminal_size().columns
    return PIPE_WIDTH
