"""Figures: panels with axes and what is drawn in them, below a heading and a legend."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from zoo.svg.axis import LINE, SPACE, Axis, distinct, shortened, width_of
from zoo.svg.style import STYLE

SWATCH = 18  # pixels of a line in the legend
RADIUS = 3  # of a point
EDGE = 16  # around a figure
SMALL = 4  # from a text's middle to its baseline
HEADING = 14 / 12  # the size of its letters, of those of other texts

Point = tuple[float, float]


def element(tag: str, style: str = "", content: str = "", **attributes: object) -> str:
    """Return an element; `style` is its class, and coordinates have one decimal."""
    named = ({"class": style} if style else {}) | attributes
    parts = [f"{key.replace('_', '-')}={quoteattr(_value(named[key]))}" for key in named]
    return f"<{' '.join([tag, *parts])}{f'>{content}</{tag}>' if content else '/>'}"


def _value(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def text(
    words: str,
    x: float | str,
    y: float,
    style: str = "",
    *,
    anchor: str = "start",
    room: float = math.inf,
    whole: str = "",
) -> str:
    """Return a text with its start, middle or end at x, in pixels or as "50%".

    It is cut if it needs more room; a browser shows the whole text under the pointer.
    """
    shown, whole = shortened(words, room), whole or words
    content = escape(shown) + (element("title", "", escape(whole)) if shown != whole else "")
    return element("text", style, content, x=x, y=y, text_anchor=anchor)


def segment(start: Point, end: Point, style: str) -> str:
    """Return a straight line."""
    return element("line", style, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def dot(point: Point, style: str) -> str:
    """Return a dot."""
    return element("circle", style, cx=point[0], cy=point[1], r=RADIUS)


def _path(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


@dataclass
class Panel:
    """Two axes and the shapes in them; its methods take data, its shapes are in pixels."""

    x: Axis
    y: Axis
    width: float
    height: float
    shapes: list[str] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)  # label: swatch

    def place(self, x: float, y: float) -> Point:
        """Return the pixels right of and below the panel's corner."""
        return self.width * self.x.share(x), self.height * (1 - self.y.share(y))

    def line(self, points: Iterable[Point], style: str, label: str = "") -> None:
        """Add a line; a single point would be invisible as a line and becomes a dot."""
        placed = [self.place(*point) for point in points]
        line = element("polyline", style, points=_path(placed))
        self.shapes.append(dot(placed[0], style) if len(placed) == 1 else line)
        self._explain(label, element("polyline", style, points=_path([(0, 0), (SWATCH, 0)])))

    def points(self, points: Iterable[Point], style: str, label: str = "") -> None:
        """Add a dot for each point."""
        self.shapes += [dot(self.place(*point), style) for point in points]
        self._explain(label, dot((SWATCH / 2, 0), style))

    def segment(self, start: Point, end: Point, style: str, label: str = "") -> None:
        """Add a straight line."""
        self.shapes.append(segment(self.place(*start), self.place(*end), style))
        self._explain(label, segment((0, 0), (SWATCH, 0), style))

    def level(self, y: float, style: str, label: str = "") -> None:
        """Add a horizontal line across the panel."""
        self.segment((self.x.low, y), (self.x.high, y), style, label)

    def band(self, lower: Sequence[Point], upper: Sequence[Point], style: str) -> None:
        """Add the area between two lines."""
        path = _path(self.place(*point) for point in (*lower, *reversed(upper)))
        self.shapes.append(element("polygon", f"{style} faint", points=path))

    def bar(self, start: float, end: float, y: float, style: str) -> None:
        """Add a bar from the lower axis to y, with a gap to its neighbours."""
        (left, top), (right, bottom) = self.place(start, y), self.place(end, self.y.low)
        wide, tall = right - left - 1, bottom - top
        self.shapes.append(element("rect", style, x=left, y=top, width=wide, height=tall))

    def _explain(self, label: str, swatch: str) -> None:
        if label:
            self.legend[label] = swatch

    @property
    def y_ticks(self) -> dict[float, str]:
        """The ticks of the vertical axis."""
        return self.y.ticks(self.height, is_across=False)

    @property
    def margin(self) -> float:
        """The pixels left of the panel."""
        return max(map(width_of, self.y_ticks.values()), default=0) + 2 * SPACE

    def drawn(self) -> Iterable[str]:
        """Yield the grid, the labels and the shapes."""
        for y, label in self.y_ticks.items():
            _, level = self.place(self.x.low, y)
            yield segment((0.0, level), (self.width, level), "grid")
            yield text(label, -SPACE, level + SMALL, anchor="end")
        labels = self.x.ticks(self.width)
        shown = distinct([*labels.values()], self.x.label_room(self.width))
        for (x, label), words in zip(labels.items(), shown, strict=True):
            middle, _ = self.place(x, self.y.low)
            yield segment((middle, self.height), (middle, self.height + SMALL), "grid")
            yield text(words, middle, self.height + LINE, anchor="middle", whole=label)
        middle, below = self.width / 2, self.height + 2 * LINE
        if self.y.label:
            yield text(self.y.label, 0, -SPACE - SMALL, "label", room=self.width)
        if self.x.label:
            yield text(self.x.label, middle, below, "label", anchor="middle", room=self.width)
        yield from self.shapes


class Figure:
    """Panels in rows of some columns; `right` are the pixels beside them, for names of lines."""

    def __init__(self, heading: str = "", *, columns: int = 1, right: float = 0) -> None:
        self.heading, self.columns, self.right = heading, columns, right
        self.panels: list[Panel] = []

    def panel(self, x: Axis, y: Axis, *, width: float = 360, height: float = 250) -> Panel:
        """Return a new panel of this figure."""
        self.panels.append(Panel(x, y, width, height))
        return self.panels[-1]

    def file(self, title: str = "") -> str:
        """Return the figure as a file; the title is for screen readers."""
        shapes, (width, height) = self._layout()
        return "\n".join(
            [
                _opened(width, height, 'xmlns="http://www.w3.org/2000/svg"'),
                element("title", "", escape(title or self.heading)),
                f"<style>{STYLE}</style>",
                element("rect", "paper", width=width, height=height),
                *shapes,
                "</svg>\n",
            ]
        )

    def inline(self, label: str) -> str:
        """Return the figure as an element of a page, with a label for screen readers."""
        shapes, size = self._layout()
        return f"{_opened(*size, f'aria-label={quoteattr(label)}')}{''.join(shapes)}</svg>"

    def _layout(self) -> tuple[list[str], tuple[int, int]]:
        """Return the shapes and the size of the figure."""
        margin = max(panel.margin for panel in self.panels)
        columns = min(self.columns, len(self.panels))
        first = self.panels[0]
        across = margin + first.width + EDGE
        width = columns * across + self.right + SPACE
        shapes, top = [], EDGE
        if self.heading:
            room = (width - margin) / HEADING
            shapes.append(text(self.heading, margin, top + SPACE, "heading", room=room))
            top += LINE + SPACE
        legend, rows = self._legend(margin, top, width - EDGE)
        shapes += legend
        top += rows * (LINE + SPACE) + LINE
        down = first.height + 4 * LINE
        for index, panel in enumerate(self.panels):
            row, column = divmod(index, columns)
            place = f"translate({margin + column * across:.1f},{top + row * down:.1f})"
            shapes.append(element("g", "", "\n".join(panel.drawn()), transform=place))
        rows = -(-len(self.panels) // columns)
        return shapes, (round(width), round(top + rows * down - LINE - SPACE))

    def _legend(self, left: float, top: float, right: float) -> tuple[list[str], int]:
        """Return the legend in lines of text, and the number of lines."""
        entries = {label: swatch for panel in self.panels for label, swatch in panel.legend.items()}
        shapes, x, line = [], left, 0
        for label, swatch in entries.items():
            size = min(SWATCH + SPACE + width_of(label), right - left)
            if x > left and x + size > right:
                x, line = left, line + 1
            y = top + line * (LINE + SPACE) + SPACE
            shapes.append(element("g", "", swatch, transform=f"translate({x:.1f},{y - SMALL})"))
            room = size - SWATCH - SPACE
            shapes.append(text(label, x + SWATCH + SPACE, y, room=room))
            x += size + 2 * SPACE
        return shapes, line + 1 if entries else 0


def _opened(width: int, height: int, attributes: str) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg {attributes} {size} role="img">'
