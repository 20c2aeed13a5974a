"""`python -m tests.helpers.flat_vector` draws the picture of zoo/nn/README.md.

It shows the parameters and the gradient of the page's example, which are those that its code has.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import numpy as np

from tests.helpers.documents import Session, blocks
from tests.helpers.paths import ROOT
from zoo.svg.figure import element, segment, text
from zoo.svg.style import STYLE

PAGE = ROOT / "zoo" / "nn" / "README.md"
PICTURE = PAGE.parent / "flat_vector.svg"
TITLE = "The parameters of two layers in one vector, and their gradient in another"

CELL, HEIGHT = 60, 34  # pixels
LEFT, TOP, GAP = 88, 58, 56  # of the first cell; between the two vectors
COLUMNS = 3  # of [W b] in both layers: two weights and a bias
UNITS = 4  # of both layers


def example() -> tuple[Sequence[float], Sequence[float]]:
    """Return the parameters before the page's step, and their gradient: its blocks have both."""
    with TemporaryDirectory() as folder:
        session, remaining = Session(Path(folder)), iter(blocks(PAGE))
        while "gradient" not in session.namespace:
            session.run(next(remaining))
    vectors = (session.namespace[name] for name in ("start", "gradient"))
    parameters, gradient = (np.asarray(vector).tolist() for vector in vectors)
    return parameters, gradient


def picture(parameters: Sequence[float], gradient: Sequence[float]) -> str:
    """Return the picture as an SVG file."""
    width = LEFT + UNITS * COLUMNS * CELL + 20
    height = TOP + 2 * HEIGHT + GAP + 62
    shapes = [
        *_layers(),
        *_vector("parameters", parameters, TOP, decimals=1),
        *_names(),
        *_vector("gradient", gradient, TOP + HEIGHT + GAP, decimals=4),
        *_legend(TOP + 2 * HEIGHT + GAP + 34),
    ]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            element("title", "", escape(TITLE)),
            f"<style>{STYLE}</style>",
            element("rect", "paper", width=width, height=height),
            *shapes,
            "</svg>\n",
        ]
    )


def _colour(index: int) -> str:
    """Return the colour of a cell: weights are blue, biases are orange."""
    return "orange" if index % COLUMNS == COLUMNS - 1 else "blue"


def _left(index: int) -> int:
    return LEFT + index * CELL


def _layers() -> Iterator[str]:
    """Yield a bracket over the cells of each layer, and its name."""
    half = UNITS * COLUMNS // 2
    for layer, start in enumerate((0, half), 1):
        left, right = _left(start) + 3, _left(start + half) - 3
        y = TOP - 14
        yield segment((left, y), (right, y), "soft")
        for x in (left, right):
            yield segment((x, y), (x, y + 6), "soft")
        middle = (left + right) / 2
        yield text(f"layer {layer}: [W{layer} b{layer}]", middle, y - 10, "label", anchor="middle")


def _vector(name: str, values: Sequence[float], top: int, *, decimals: int) -> Iterator[str]:
    """Yield the cells of a vector, with its name on the left."""
    middle = top + HEIGHT / 2 + 4
    yield text(name, LEFT - 12, middle, "label", anchor="end")
    for index, value in enumerate(values):
        x = _left(index)
        style = f"{_colour(index)} faint"
        yield element("rect", style, x=x + 1, y=top, width=CELL - 2, height=HEIGHT)
        number = f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
        yield text(number, x + CELL / 2, middle, "label", anchor="middle")


def _names() -> Iterator[str]:
    """Yield the name of each number, and a line between units, between the two vectors."""
    top = TOP + HEIGHT
    for index in range(UNITS * COLUMNS):
        unit, column = divmod(index, COLUMNS)
        layer, row = divmod(unit, UNITS // 2)
        is_bias = column == COLUMNS - 1
        place = f"{row}" if is_bias else f"{row}, {column}"
        name = f"{'b' if is_bias else 'W'}{layer + 1}[{place}]"
        yield text(name, _left(index) + CELL / 2, top + GAP / 2 + 4, anchor="middle")
    for unit in range(1, UNITS):
        x = _left(unit * COLUMNS)
        yield segment((x, TOP - 4), (x, top + GAP + HEIGHT + 4), "grid")


def _legend(y: int) -> Iterator[str]:
    """Yield the meaning of the colours."""
    for x, colour, words in ((LEFT, "blue", "weights"), (LEFT + 110, "orange", "biases")):
        yield element("rect", f"{colour} faint", x=x, y=y - 11, width=18, height=14)
        yield text(words, x + 26, y)
    yield text("a unit's weights and its bias are neighbours", LEFT + 210, y)


if __name__ == "__main__":
    PICTURE.write_text(picture(*example()), encoding="utf-8")
