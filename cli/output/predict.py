"""Predictions as text: tables and drawings for eyes, JSON and CSV for programs and for Kaggle."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from ..options import console, has_colour, rendered
from ..terminal_images import blocks
from . import tables

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from zoo.config.dataset_info import Source
    from zoo.inference.predict import Prediction

BAR = 24  # columns of a probability of 1
BESIDE = len(" ") + len(" 100.0%")  # and the name of a class
GAP = 3  # columns between a picture and the bars


@dataclass(frozen=True)
class Options:
    """What is shown of a prediction beside its class."""

    top_k: int | None
    probabilities: bool
    show: bool


class Formatter(ABC):
    """A form that predictions are written in: a head, a piece for each, a tail."""

    def __init__(self, options: Options, source: Source) -> None:
        self.top_k = options.top_k and min(options.top_k, source.classes)
        self.probabilities = options.probabilities
        self.source = source
        self.names = [tables.plain(name) for name in source.names]
        self.width = max(map(len, self.names))
        self.written = 0

    def head(self) -> str:
        """Return what comes before the first."""
        return ""

    def add(self, prediction: Prediction) -> str:
        """Return the piece of the next one."""
        self.written += 1
        return self.format(prediction)

    @abstractmethod
    def format(self, prediction: Prediction) -> str:
        """Return one prediction as it is written here."""

    def tail(self) -> str:
        """Return what comes behind the last."""
        return ""


class Table(Formatter):
    """Lines of one width, the picture's name last, so that they stream and can be read down."""

    def head(self) -> str:
        """Return the line with the columns' names."""
        columns = [f"{self.source.label_noun:<{self.width + 10}}"]
        columns += [" " * (self.width + 7) for _ in range(1, self.top_k or 1)]
        if self.probabilities:
            columns += [f"{name[:5]:>6}" for name in self.names]
        return f"{''.join(columns)}  {self.source.noun}\n"

    def format(self, prediction: Prediction) -> str:
        """Return the digits with their probabilities, and the picture's name."""
        names = self.names
        (label, probability), *others = prediction.best(self.top_k or 1)
        cells = [f"{names[label]:<{self.width + 3}}{share(probability):>7}"]
        cells += [
            f"  {names[label]:<{self.width}}{share(probability)[:-1]:>5}"
            for label, probability in others
        ]
        if self.probabilities:
            cells += [f"{100 * one:6.1f}" for one in prediction.probabilities]
        return f"{''.join(cells)}  {name(prediction)}\n"


class TerminalImage(Formatter):
    """Every picture as the network sees it, beside the probabilities as bars."""

    def format(self, prediction: Prediction) -> str:
        """Return the picture, the bars, and what was done to the picture before."""
        to = console()
        picture = blocks(
            prediction.input.image.reshape(self.source.shape),
            highest=self.source.highest,
            colour=has_colour(to),
        )
        width = max(map(len, picture.plain.splitlines()))
        bars = self._bars(prediction, to)
        lines: list[RenderableType] = [Text(name(prediction), style="bold")]
        if prediction.input.steps:
            lines.append(Text(prediction.input.steps))
        if width + GAP + BAR + BESIDE + self.width <= to.width:
            beside = Grid.grid(padding=(0, GAP, 0, 0))
            beside.add_row(picture, bars)
            lines.append(beside)
        else:
            lines += [picture, bars]
        return rendered(*lines)

    def _bars(self, prediction: Prediction, to: Console) -> Text:
        full = min(BAR, max(to.width - BESIDE - self.width, 1))
        block = "█" if to.encoding.startswith("utf") else "#"
        wanted = dict(prediction.best(self.top_k or len(prediction.probabilities)))
        lines = []
        for label, probability in enumerate(prediction.probabilities):
            if label in wanted:
                bar = block * round(full * float(probability))
                style = "bold" if label == prediction.label else ""
                name = f"{self.names[label]:<{self.width}}"
                lines.append(Text(f"{name} {bar:<{full}} {share(probability):>6}", style))
        return Text("\n").join(lines)


class JsonLines(Formatter):
    """An object a line."""

    def format(self, prediction: Prediction) -> str:
        """Return the object."""
        return f"{json.dumps(self.facts(prediction), allow_nan=False)}\n"

    def facts(self, prediction: Prediction) -> dict[str, Any]:
        """Return what is said of one picture."""
        facts: dict[str, Any] = {
            "source": prediction.input.source,
            "index": prediction.input.index,
            "label": self.source.label_of(prediction.label),
            "probabilities": [float(one) for one in prediction.probabilities],
        }
        if self.top_k:
            best = prediction.best(self.top_k)
            facts["top"] = [
                {"label": self.source.label_of(label), "probability": share}
                for label, share in best
            ]
        return facts


class Json(JsonLines):
    """One array of those objects."""

    def head(self) -> str:
        """Open the array."""
        return "["

    def format(self, prediction: Prediction) -> str:
        """Return the object, on a line of its own."""
        before = ",\n " if self.written > 1 else "\n "
        return f"{before}{json.dumps(self.facts(prediction), allow_nan=False)}"

    def tail(self) -> str:
        """Close the array."""
        return "\n]\n" if self.written else "]\n"


class Csv(Formatter):
    """A table for spreadsheets."""

    def head(self) -> str:
        """Return the header."""
        columns = ["source", "index", "label", "probability"]
        for place in range(2, (self.top_k or 1) + 1):
            columns += [f"label{place}", f"probability{place}"]
        if self.probabilities:
            columns += [f"p{name}" for name in self.source.names]
        return row(columns)

    def format(self, prediction: Prediction) -> str:
        """Return the row."""
        cells: list[object] = [tables.plain(prediction.input.source), prediction.input.index]
        for label, probability in prediction.best(self.top_k or 1):
            cells += [self.source.label_of(label), f"{probability:.7g}"]
        if self.probabilities:
            cells += [f"{one:.7g}" for one in prediction.probabilities]
        return row(cells)


class Submission(Formatter):
    """What Kaggle's Digit Recognizer takes: pictures are counted from 1."""

    def head(self) -> str:
        """Return the header."""
        return row(["ImageId", "Label"])

    def format(self, prediction: Prediction) -> str:
        """Return the row."""
        return row([self.written, self.source.label_of(prediction.label)])


FORMATTERS: dict[str, type[Formatter]] = {
    "table": Table,
    "json": Json,
    "jsonl": JsonLines,
    "csv": Csv,
    "submission": Submission,
}


def formatter(name: str, *, options: Options, source: Source) -> Formatter:
    """Return the form of that name, or the drawing that takes the table's place."""
    chosen = TerminalImage if options.show else FORMATTERS[name]
    return chosen(options, source)


def share(probability: float) -> str:
    """Return 0.9815 as 98.2%."""
    return f"{100 * probability:.1f}%"


def name(prediction: Prediction) -> str:
    """Return the picture's name as a terminal may show it, with its number in a file of several."""
    one = prediction.input
    return tables.plain(one.source) + (f" [{one.index}]" if one.index else "")


def row(cells: list[Any]) -> str:
    """Return a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
