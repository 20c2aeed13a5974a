"""What an SVG figure shows: its texts and its lines, in the pixels of the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Self
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
LETTER, HEIGHT = 6.0, 11.0  # pixels of a usual letter at 12 pixels: fewer than the figures assume


@dataclass(frozen=True)
class Text:
    """A text and its box."""

    words: str
    style: str
    left: float
    right: float
    base: float

    def touches(self, other: Self) -> bool:
        """Whether the boxes overlap."""
        across = self.left < other.right and other.left < self.right
        return across and abs(self.base - other.base) < HEIGHT


@dataclass(frozen=True)
class Line:
    """A polyline, a line or a dot, and its points."""

    style: str
    points: tuple[tuple[float, float], ...]


class Shown:
    """A parsed figure."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)  # noqa: S314 - zoo wrote it
        self.size = float(self.root.get("width", "")), float(self.root.get("height", ""))
        self.texts = list(self._texts())

    @property
    def title(self) -> str:
        """The title for screen readers."""
        node = self.root.find(f"{SVG}title")
        return (node.text or "") if node is not None else ""

    def words(self, style: str) -> list[str]:
        """Return the texts with this class; the ticks have none."""
        return [text.words for text in self.texts if text.style == style]

    def drawn(self, style: str, *, tag: str = "polyline") -> list[Line]:
        """Return the shapes of a kind with this class, without those of the legend."""
        return [
            Line(node.get("class", ""), tuple(_points(node, left, top)))
            for node, left, top, is_panel in self._placed()
            if is_panel and node.tag == f"{SVG}{tag}" and node.get("class") == style
        ]

    def problems(self) -> list[str]:
        """Return the texts that overlap, and those outside the figure."""
        wide, tall = self.size
        touching = [
            f"{a.words!r} touches {b.words!r}"
            for a, b in combinations(self.texts, 2)
            if a.touches(b)
        ]
        outside = [
            f"{text.words!r} is outside"
            for text in self.texts
            if text.left < 0 or text.right > wide or not HEIGHT <= text.base <= tall
        ]
        return touching + outside

    def _placed(self) -> Iterator[tuple[ET.Element, float, float, bool]]:
        """Yield every shape, the origin of its group, and whether the group is a panel."""
        for node in self.root:
            if node.tag == f"{SVG}g":
                place = re.fullmatch(r"translate\((.+),(.+)\)", node.get("transform", ""))
                assert place
                left, top = map(float, place.groups())
                is_panel = node.find(f"{SVG}text") is not None
                yield from ((child, left, top, is_panel) for child in node)
            else:
                yield node, 0.0, 0.0, False

    def _texts(self) -> Iterator[Text]:
        for node, left, top, _ in self._placed():
            if node.tag == f"{SVG}text" and node.text:
                width = len(node.text) * LETTER
                share = {"end": 1.0, "middle": 0.5}.get(node.get("text-anchor", ""), 0.0)
                x, y = left + float(node.get("x", "")), top + float(node.get("y", ""))
                start = x - share * width
                yield Text(node.text, node.get("class", ""), start, start + width, y)


def _points(node: ET.Element, left: float, top: float) -> Iterator[tuple[float, float]]:
    pairs = [pair.split(",") for pair in node.get("points", "").split()]
    for x, y in (("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
        if x in node.keys():  # noqa: SIM118 - an element's length is that of its children
            pairs.append([node.get(x, ""), node.get(y, "")])
    yield from ((left + float(x), top + float(y)) for x, y in pairs)
