"""Learning curves as an SVG, written by hand: a plotting library takes longer than the training."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from zoo.config.entry import Entry
from zoo.formatting import number
from zoo.training.run import MetricsRow

WIDTH, HEIGHT, GAP, TOP, BOTTOM = 360, 250, 52, 56, 40  # of a panel, and of what is around it

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
  .paper { fill: #ffffff } .grid { stroke: #d8dee4 }
  line.claim { stroke: #57606a; stroke-dasharray: 5 4 }
  polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
  polyline.train { stroke: #0969da } polyline.held { stroke: #bc4c00 }
  tspan.train, circle.train { fill: #0969da } tspan.held, circle.held { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc }
    .paper { fill: #0d1117 } .grid { stroke: #30363d } line.claim { stroke: #9198a1 }
    polyline.train { stroke: #4493f8 } polyline.held { stroke: #f0883e }
    tspan.train, circle.train { fill: #4493f8 } tspan.held, circle.held { fill: #f0883e }
  }
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """A pair of axes: what is drawn is given in the data's own numbers."""

    left: float
    end: float  # of the horizontal axis, which starts at 0
    low: float
    high: float

    def place(self, x: float, y: float) -> str:
        """Return a point of the data as a point of the page."""
        across = self.left + x / self.end * WIDTH
        up = (y - self.low) / (self.high - self.low)
        return f"{across:.1f},{TOP + HEIGHT * (1 - up):.1f}"

    def line(self, points: Points, name: str) -> str:
        """Return a curve; a single point would be invisible as a line and becomes a dot."""
        if len(points) == 1:
            x, y = self.place(*points[0]).split(",")
            return f'<circle class="{name}" cx="{x}" cy="{y}" r="3"/>'
        path = " ".join(self.place(x, y) for x, y in points)
        return f'<polyline class="{name}" points="{path}"/>'

    def level(self, y: float, name: str) -> str:
        """Return a line across the whole panel."""
        (x1, y1), (x2, y2) = (self.place(x, y).split(",") for x in (0, self.end))
        return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'

    def axes(self, title: str, unit: str) -> list[str]:
        """Return the title, the grid and its numbers."""
        drawn = [f'<text class="title" x="{self.left}" y="{TOP - 12}">{escape(title)}</text>']
        for y in ticks(self.low, self.high):
            _, across = self.place(0, y).split(",")
            drawn.append(self.level(y, "grid"))
            drawn.append(f'<text x="{self.left - 8}" y="{across}" dy="4" {_END}>{number(y)}</text>')
        for x in (x for x in ticks(0, self.end) if x == round(x)):  # nobody counts half epochs
            along, _ = self.place(x, self.low).split(",")
            drawn.append(f'<text x="{along}" y="{TOP + HEIGHT + 18}" {_MIDDLE}>{number(x)}</text>')
        middle, below = self.left + WIDTH / 2, TOP + HEIGHT + 36
        return [*drawn, f'<text x="{middle}" y="{below}" {_MIDDLE}>{unit}</text>']


_END, _MIDDLE = 'text-anchor="end"', 'text-anchor="middle"'


def ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """Return round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    magnitude = 10 ** math.floor(math.log10((high - low) / most))
    step = next(magnitude * m for m in (1, 2, 5, 10) if (high - low) / (magnitude * m) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def svg(entry: Entry, rows: Sequence[MetricsRow], *, held_out: str | None) -> str:
    """Return loss and accuracy over the training, with the README's claim as a dashed line."""
    end = max(rows[-1].number, 1)
    losses = {"train": [(row.number, row.train_loss) for row in rows]}
    accuracies = {"train": [(row.number, row.train_accuracy) for row in rows]}
    if held_out:
        losses["held"] = [(row.number, row.held_out_loss or 0) for row in rows]
        accuracies["held"] = [(row.number, row.held_out_accuracy or 0) for row in rows]
    highest = max(y for points in losses.values() for _, y in points)
    left = Panel(GAP, end, 0, highest or 1)
    right = Panel(2 * GAP + WIDTH, end, 0, 1)
    drawn = [*left.axes("Loss", entry.train.unit), *right.axes("Accuracy", entry.train.unit)]
    if entry.claim:
        drawn.append(right.level(entry.claim.value, "claim"))
    for panel, curves in ((left, losses), (right, accuracies)):
        drawn += [panel.line(points, name) for name, points in curves.items()]
    legend = [("train", "training")]
    if held_out:
        legend.append(("held", held_out))
    if entry.claim:
        legend.append(("", f"dashed: the README's {entry.claim.value:.1%} ({entry.claim.split})"))
    words = " &#160; ".join(f'<tspan class="{name}">{word}</tspan>' for name, word in legend)
    drawn.append(f'<text x="{right.left + WIDTH}" y="22" {_END}>{words}</text>')
    wide, tall = 2 * (WIDTH + GAP) + 20, TOP + HEIGHT + BOTTOM + 8
    size = f'viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
    name = f"{escape(entry.name)} {entry.architecture}, seed {entry.train.seed}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>Learning curves of {name}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{wide}" height="{tall}"/>',
            f'<text class="title" x="{GAP}" y="22">{name}</text>',
            *drawn,
            "</svg>\n",
        ]
    )
