"""SVG figures: panels with axes, curves and ticks, and the document around them.

They are written by hand: importing a plotting library takes longer than a training.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from zoo.formatting import number

WIDTH, HEIGHT = 360, 250  # the size of a panel
GAP, TOP, BOTTOM = 52, 56, 40  # left of a panel, above and below it
ANCHOR_END, ANCHOR_MIDDLE = 'text-anchor="end"', 'text-anchor="middle"'

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
    """A pair of axes; its methods take data coordinates."""

    left: float
    end: float  # the end of the horizontal axis, which starts at 0
    low: float
    high: float

    def place(self, x: float, y: float) -> str:
        """Return the page coordinates "x,y" of a data point."""
        page_x = self.left + x / self.end * WIDTH
        height = (y - self.low) / (self.high - self.low)
        return f"{page_x:.1f},{TOP + HEIGHT * (1 - height):.1f}"

    def line(self, points: Points, name: str) -> str:
        """Return a curve; a single point would be invisible as a line and becomes a dot."""
        if len(points) == 1:
            x, y = self.place(*points[0]).split(",")
            return f'<circle class="{name}" cx="{x}" cy="{y}" r="3"/>'
        path = " ".join(self.place(x, y) for x, y in points)
        return f'<polyline class="{name}" points="{path}"/>'

    def level(self, y: float, name: str) -> str:
        """Return a horizontal line across the panel."""
        (x1, y1), (x2, y2) = (self.place(x, y).split(",") for x in (0, self.end))
        return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'

    def axes(self, title: str, unit: str) -> list[str]:
        """Return the title, the grid and the labels of the ticks."""
        elements = [f'<text class="title" x="{self.left}" y="{TOP - 12}">{escape(title)}</text>']
        for y in ticks(self.low, self.high):
            _, page_y = self.place(0, y).split(",")
            elements.append(self.level(y, "grid"))
            elements.append(
                f'<text x="{self.left - 8}" y="{page_y}" dy="4" {ANCHOR_END}>{number(y)}</text>'
            )
        for x in (x for x in ticks(0, self.end) if x == round(x)):  # epochs are whole numbers
            page_x, _ = self.place(x, self.low).split(",")
            elements.append(
                f'<text x="{page_x}" y="{TOP + HEIGHT + 18}" {ANCHOR_MIDDLE}>{number(x)}</text>'
            )
        middle, below = self.left + WIDTH / 2, TOP + HEIGHT + 36
        return [*elements, f'<text x="{middle}" y="{below}" {ANCHOR_MIDDLE}>{unit}</text>']


def ticks(low: float, high: float, *, max_steps: int = 6) -> list[float]:
    """Return round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    magnitude = 10 ** math.floor(math.log10((high - low) / max_steps))
    step = next(magnitude * m for m in (1, 2, 5, 10) if (high - low) / (magnitude * m) <= max_steps)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def document(
    elements: Sequence[str], *, title: str, heading: str, width: float, height: float
) -> str:
    """Return an SVG file; `title` is for screen readers, `heading` is drawn at the top."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            f'<text class="title" x="{GAP}" y="22">{escape(heading)}</text>',
            *elements,
            "</svg>\n",
        ]
    )
