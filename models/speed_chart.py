"""The chart speed.svg, and the short table: `python -m zoo.models.speed_chart`.

Both are made from the table of `zoo bench` in SPEED.md. Of each library they have the fastest form,
such as torch.compile instead of PyTorch. The chart is written, the table is printed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from zoo.files import write_atomically
from zoo.svg.axis import Axis
from zoo.svg.figure import SMALL, SWATCH, Figure, Panel, element, segment, text
from zoo.svg.style import HUES

FOLDER = Path(__file__).parent
TITLE = "The time of other libraries over the time of zoo"
LABEL = "time over zoo's: to the right of 1, zoo is faster"
FORMS = {  # the columns of the table, by library
    "PyTorch": ("PyTorch", "torch.compile"),
    "scikit-learn": ("scikit-learn",),
    "JAX": ("JAX, a step a call", "JAX, scan"),
    "tutorial NumPy": ("tutorial NumPy",),
    "onnxruntime": ("onnxruntime",),
}
HUE_OF = dict(zip(FORMS, HUES, strict=True))
CELL = re.compile(r"([\d.]+)(\*?) \(([\d.]+)-([\d.]+)\)")
BAR, GAP = 12, 12  # pixels of a bar, and between two workloads
WIDTH, RIGHT = 440, 16  # pixels of the panel, and beside it
NAMED_PARTS = 2  # of the title of a workload: its network and its batch


@dataclass(frozen=True)
class Ratio:
    """A library's time over zoo's: the median, the minimum and the maximum of the rounds."""

    median: float
    low: float
    high: float
    mark: str  # "*" if the work is not exactly the same

    @classmethod
    def of(cls, cell: str) -> "Ratio":
        """Return a cell of the table as numbers."""
        match = CELL.fullmatch(cell)
        if match is None:
            raise ValueError(f"{cell!r} is not a ratio of `zoo bench`; expected 4.76 (3.80-5.68).")
        return cls(float(match[1]), float(match[3]), float(match[4]), match[2])

    def __str__(self) -> str:
        """The median with one decimal, or two below 1."""
        return f"{self.median:.{1 if self.median >= 1 else 2}f}"


@dataclass(frozen=True)
class Row:
    """A workload: zoo's time, and the ratio of each library's fastest form."""

    title: str
    zoo: str
    ratios: dict[str, Ratio]

    @property
    def name(self) -> str:
        """The beginning of the title."""
        return ", ".join(self.title.split(", ")[:NAMED_PARTS])


def read_table(markdown: str) -> list[Row]:
    """Return the rows of the first table of workloads."""
    lines = markdown.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| workload |"))
    header, rows = _cells(lines[start]), []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = dict(zip(header, _cells(line), strict=True))
        ratios = {
            library: min(forms, key=lambda ratio: ratio.median)
            for library, columns in FORMS.items()
            if (forms := [Ratio.of(cells[column]) for column in columns if cells[column]])
        }
        rows.append(Row(cells["workload"], cells["zoo"], ratios))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def short_table(rows: Sequence[Row]) -> str:
    """Return the table for people: the medians."""
    lines = [f"| workload | zoo | {' | '.join(FORMS)} |", f"|---|{'---:|' * (1 + len(FORMS))}"]
    for row in rows:
        medians = [
            f"{ratio}{ratio.mark}" if (ratio := row.ratios.get(library)) else ""
            for library in FORMS
        ]
        lines.append(f"| {row.title} | {row.zoo} | {' | '.join(medians)} |")
    return "".join(f"{line}\n" for line in lines)


def svg(rows: Sequence[Row]) -> str:
    """Return the chart: bars from 1, to the right where zoo is faster, to the left where not."""
    ratios = [ratio for row in rows for ratio in row.ratios.values()]
    slot = BAR * max(len(row.ratios) for row in rows) + GAP
    figure = Figure(TITLE, right=RIGHT)
    panel = figure.panel(
        Axis.log_around([end for ratio in ratios for end in (ratio.low, ratio.high)], LABEL),
        Axis.of([row.name for row in reversed(rows)]),  # from the bottom
        width=WIDTH,
        height=slot * len(rows),
    )
    for index, row in enumerate(reversed(rows)):
        panel.shapes += _bars(panel, index, row)
    panel.segment((1, panel.y.low), (1, panel.y.high), "ink")
    panel.legend |= {
        library: element("rect", hue, x=0, y=-BAR / 2, width=SWATCH, height=BAR)
        for library, hue in HUE_OF.items()
    }
    return figure.file(f"{TITLE}: {_summary(rows)}")


def _bars(panel: Panel, index: int, row: Row) -> Iterator[str]:
    """Yield the bars of a workload, each with its range and its median."""
    one, middle = panel.place(1, index)
    for number, (library, ratio) in enumerate(row.ratios.items()):
        hue, top = HUE_OF[library], middle + BAR * (number - len(row.ratios) / 2)
        (at, _), (low, _), (high, _) = (
            panel.place(end, index) for end in (ratio.median, ratio.low, ratio.high)
        )
        width, level = abs(at - one), top + BAR / 2
        yield element("rect", hue, x=min(one, at), y=top, width=width, height=BAR - 1)
        yield segment((low, level), (high, level), "ink")
        yield text(str(ratio), max(high, one) + SMALL, level + SMALL, hue)


def _summary(rows: Sequence[Row]) -> str:
    """Return the numbers of the chart as text, for screen readers."""
    return "; ".join(
        f"{row.name}: {', '.join(f'{library} {ratio}' for library, ratio in row.ratios.items())}"
        for row in rows
    )


def make() -> None:
    """Draw speed.svg from the table in SPEED.md, and print the short table."""
    rows = read_table((FOLDER / "SPEED.md").read_text(encoding="utf-8"))
    write_atomically(FOLDER / "speed.svg", svg(rows).encode())
    typer.echo(short_table(rows), nl=False)


if __name__ == "__main__":
    typer.run(make)
