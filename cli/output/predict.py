"""The output of `zoo predict`: tables, drawings, JSON, CSV and Kaggle submissions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid

from zoo import markdown
from zoo.control_characters import plain
from zoo.formatting import percent

from ..terminal import console, has_colour, rendered
from ..terminal_images import blocks
from .escape import as_json, csv_row, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType
    from rich.text import Text

    from zoo.config.dataset_info import Source
    from zoo.inference.predict import Prediction

BAR = 24  # columns of the bar of probability 1
BESIDE = len(" ") + len(" 100.0%")  # columns beside the bar and the name of the class
GAP = 3  # columns between an image and the bars
NARROWEST = 5  # columns of the name of a class above its probabilities
SOURCE_WIDTH = 16  # columns that are kept for the name of an image or row


class Formatter(ABC):
    """An output format: a head, one piece per prediction, a tail."""

    def __init__(
        self, source: Source, *, top_k: int | None, probabilities: bool, true_labels: bool = False
    ) -> None:
        self.top_k = top_k and min(top_k, source.classes)
        self.probabilities = probabilities
        self.true_labels = true_labels  # whether there is a column for them
        self.source = source
        self.names = [plain(name) for name in source.names]
        self.width = max(map(len, self.names))
        self.written = 0
        self.share_width = 0  # of a column of probabilities

    def head(self) -> str:
        """Return the text before the first prediction."""
        return ""

    def add(self, prediction: Prediction) -> str:
        """Count and return the next prediction as text."""
        self.written += 1
        return self.format(prediction)

    @property
    def true_label(self) -> str:
        """The name of the column of true labels."""
        return f"true {self.source.label_noun}"

    def true_value(self, prediction: Prediction) -> int | str | None:
        """Return the true label, as `label_of` does; None if it is not known."""
        label = prediction.input.true_label
        return None if label is None else self.source.label_of(label)

    def name(self, prediction: Prediction) -> str:
        """Return the escaped name of an image, "a.npy [1]", or of a row like errors, "a.csv row 1".

        It is for people; `index` counts from 0.
        """
        from zoo.inference.file_groups import STDIN, is_table

        item = prediction.input
        if self.source.has_images or not is_table(item.source):
            return plain(item.source) + (f" [{item.index}]" if item.index else "")
        return f"{'stdin' if item.source == STDIN else plain(item.source)} row {item.index + 1:,}"

    def true_name(self, prediction: Prediction) -> str:
        """Return the name of the true label; empty if it is not known."""
        label = prediction.input.true_label
        return "" if label is None else self.names[label]

    @abstractmethod
    def format(self, prediction: Prediction) -> str:
        """Return one prediction as text."""

    def tail(self) -> str:
        """Return the text after the last prediction."""
        return ""


class Table(Formatter):
    """Lines of equal width with the name of the image last, so that they can be streamed."""

    def head(self) -> str:
        """Return the line with the names of the columns, below those of numbered classes."""
        columns = [f"{self.source.label_noun:<{self.width + 10}}"]
        columns += [" " * (self.width + 7) for _ in range(1, self.top_k or 1)]
        true_label = f"  {self.true_label:<{self.width}}" if self.true_labels else ""
        legend = ""
        if self.probabilities:
            output = console()
            used = sum(map(len, columns)) + len(true_label) + len("  ") + SOURCE_WIDTH
            room = max((output.width - used) // len(self.names) - 1, NARROWEST)
            mark = "…" if output.encoding.startswith("utf") else "~"
            names = shortened(self.names, room, mark)
            if not names:
                names = [str(number) for number in range(1, len(self.names) + 1)]
                pairs = zip(names, self.names, strict=True)
                legend = f"classes  {', '.join(f'{number} {name}' for number, name in pairs)}\n"
            self.share_width = max(NARROWEST, *map(len, names)) + 1
            columns += [f"{name:>{self.share_width}}" for name in names]
        return f"{legend}{''.join(columns)}{true_label}  {self.source.noun}\n"

    def format(self, prediction: Prediction) -> str:
        """Return the classes with their probabilities, and the name of the image."""
        names = self.names
        (label, probability), *others = prediction.best(self.top_k or 1)
        cells = [f"{names[label]:<{self.width + 3}}{share(probability):>7}"]
        cells += [
            f"  {names[label]:<{self.width}}{share(probability)[:-1]:>5}"
            for label, probability in others
        ]
        if self.probabilities:
            width = self.share_width
            cells += [f"{100 * value:{width}.1f}" for value in prediction.probabilities]
        if self.true_labels:
            cells += [f"  {self.true_name(prediction):<{max(self.width, len(self.true_label))}}"]
        return f"{''.join(cells)}  {self.name(prediction)}\n"


class TerminalImage(Formatter):
    """Every image as the input of the network, beside the probabilities as bars."""

    def format(self, prediction: Prediction) -> str:
        """Return the image, the bars, and the preprocessing of the image."""
        output = console()
        image = blocks(
            prediction.input.image.reshape(self.source.shape),
            highest=self.source.highest,
            colour=has_colour(output),
        )
        width = max(map(len, image.plain.splitlines()))
        bars = self._bars(prediction, output)
        lines: list[RenderableType] = [styled(self.name(prediction), "bold")]
        if true_name := self.true_name(prediction):
            lines.append(styled(f"{self.true_label}: {true_name}"))
        if prediction.input.steps:
            lines.append(styled(prediction.input.steps))
        if width + GAP + BAR + BESIDE + self.width <= output.width:
            beside = Grid.grid(padding=(0, GAP, 0, 0))
            beside.add_row(image, bars)
            lines.append(beside)
        else:
            lines += [image, bars]
        return rendered(*lines)

    def _bars(self, prediction: Prediction, output: Console) -> Text:
        full = min(BAR, max(output.width - BESIDE - self.width, 1))
        block = "█" if output.encoding.startswith("utf") else "#"
        shown = dict(prediction.best(self.top_k or len(prediction.probabilities)))
        lines = []
        for label, probability in enumerate(prediction.probabilities):
            if label in shown:
                bar = block * round(full * float(probability))
                style = "bold" if label == prediction.label else ""
                name = f"{self.names[label]:<{self.width}}"
                lines.append(styled(f"{name} {bar:<{full}} {share(probability):>6}", style))
        return styled("\n").join(lines)


class JsonLines(Formatter):
    """One object per line."""

    def format(self, prediction: Prediction) -> str:
        """Return the object."""
        return f"{as_json(self.facts(prediction))}\n"

    def facts(self, prediction: Prediction) -> dict[str, Any]:
        """Return the object of one prediction."""
        facts: dict[str, Any] = {
            "source": prediction.input.source,
            "index": prediction.input.index,
            "label": self.source.label_of(prediction.label),
            "probabilities": [float(probability) for probability in prediction.probabilities],
        }
        if self.true_labels:
            facts["true_label"] = self.true_value(prediction)
        if self.top_k:
            best = prediction.best(self.top_k)
            facts["top"] = [
                {"label": self.source.label_of(label), "probability": share}
                for label, share in best
            ]
        return facts


class Json(JsonLines):
    """One array of objects."""

    def head(self) -> str:
        """Open the array."""
        return "["

    def format(self, prediction: Prediction) -> str:
        """Return the object, on a line of its own."""
        before = ",\n " if self.written > 1 else "\n "
        return f"{before}{as_json(self.facts(prediction))}"

    def tail(self) -> str:
        """Close the array."""
        return "\n]\n" if self.written else "]\n"


class Csv(Formatter):
    """CSV with one row per prediction."""

    def head(self) -> str:
        """Return the header."""
        columns = ["source", "index", "label", "probability"]
        for rank in range(2, (self.top_k or 1) + 1):
            columns += [f"label{rank}", f"probability{rank}"]
        if self.probabilities:
            columns += [f"p{name}" for name in self.source.names]
        columns += ["true_label"] if self.true_labels else []
        return csv_row(columns)

    def format(self, prediction: Prediction) -> str:
        """Return the row."""
        cells: list[object] = [plain(prediction.input.source), prediction.input.index]
        for label, probability in prediction.best(self.top_k or 1):
            cells += [self.source.label_of(label), f"{probability:.7g}"]
        if self.probabilities:
            cells += [f"{value:.7g}" for value in prediction.probabilities]
        cells += [self.true_value(prediction)] if self.true_labels else []
        return csv_row(cells)


class Markdown(Formatter):
    """A Markdown table with one row per prediction."""

    def head(self) -> str:
        """Return the header."""
        columns = [self.source.noun, self.source.label_noun, "probability"]
        for rank in range(2, (self.top_k or 1) + 1):
            columns += [f"{rank}.", "probability"]
        columns += self.names if self.probabilities else []
        columns += [self.true_label] if self.true_labels else []
        return f"{markdown.row(columns)}|---|---|{'---:|' * (len(columns) - 2)}\n"

    def format(self, prediction: Prediction) -> str:
        """Return the row."""
        cells = [self.name(prediction)]
        for label, probability in prediction.best(self.top_k or 1):
            cells += [self.names[label], share(probability)]
        if self.probabilities:
            cells += [share(value) for value in prediction.probabilities]
        cells += [self.true_name(prediction)] if self.true_labels else []
        return markdown.row(cells)


class Labels(Formatter):
    """The class of each image alone, one a line."""

    def format(self, prediction: Prediction) -> str:
        """Return the class."""
        return f"{self.names[prediction.label]}\n"


class Submission(Formatter):
    """A submission to Kaggle's Digit Recognizer, which counts images from 1."""

    def head(self) -> str:
        """Return the header."""
        return csv_row(["ImageId", "Label"])

    def format(self, prediction: Prediction) -> str:
        """Return the row."""
        return csv_row([self.written, self.source.label_of(prediction.label)])


FORMATTERS: dict[str, type[Formatter]] = {
    "table": Table,
    "drawing": TerminalImage,
    "json": Json,
    "jsonl": JsonLines,
    "csv": Csv,
    "md": Markdown,
    "labels": Labels,
    "submission": Submission,
}


def formatter(
    name: str, source: Source, *, top_k: int | None, probabilities: bool, true_labels: bool = False
) -> Formatter:
    """Return the formatter of this name."""
    return FORMATTERS[name](
        source, top_k=top_k, probabilities=probabilities, true_labels=true_labels
    )


def shortened(names: Sequence[str], room: int, mark: str) -> list[str]:
    """Return the names cut to this number of characters; none if they would not be different.

    Where their beginnings are equal, they keep some of their ends, behind the mark.
    """
    for end in range(room - 1):
        start = room - len(mark) - end if end else room
        cut = [
            f"{name[:start]}{mark}{name[-end:]}" if end and len(name) > room else name[:room]
            for name in names
        ]
        if len(set(cut)) == len(cut):
            return cut
    return []


def share(probability: float) -> str:
    """Return text such as "98.2%"."""
    return percent(probability, 1)
