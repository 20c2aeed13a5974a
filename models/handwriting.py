"""Synthetic handwriting: digits drawn as a person with a mouse or a finger might draw them.

MNIST's test images come from the same writers and scanner as its training images. The digits of
this module are written in 24 ways, with a thin or a fat pen, slanted, turned, narrow, shaky,
anywhere on a canvas; they are processed as any image is in `zoo predict`. No model is trained on
them. `python -m zoo.models.handwriting [MODEL ...]` prints the accuracy of models on them, and
`--sheet FILE.png` draws some.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageDraw

from zoo.config.catalog import read_catalog
from zoo.config.entry_paths import natural_sort_key
from zoo.data.dataset import Bytes
from zoo.data.images import png
from zoo.data.images.decode import decode
from zoo.data.images.normalize import normalize
from zoo.files import write_atomically
from zoo.inference.predict import PRODUCT_ROWS
from zoo.training import model
from zoo.training.model import Model
from zoo.training.run import Run

CANVAS = 280  # pixels
REPEATS = 20  # drawings per glyph
OVERSAMPLING = 2

Points = list[tuple[float, float]]  # (right, down), in a box of height 1
Glyph = list[Points]  # strokes


def line(*points: tuple[float, float]) -> Points:
    """Return a polyline with ten points per segment."""
    interpolated = [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        interpolated += [(x + (to_x - x) * i / 10, y + (to_y - y) * i / 10) for i in range(1, 11)]
    return interpolated


def arc(x: float, y: float, radius_x: float, radius_y: float, start: float, end: float) -> Points:  # noqa: PLR0917 - centre, radii, angles
    """Return an arc of an ellipse; 0 degrees are to the right, 90 down."""
    angles = np.radians(np.linspace(start, end, 30))
    return [(x + radius_x * math.cos(angle), y + radius_y * math.sin(angle)) for angle in angles]


GLYPHS: dict[int, list[Glyph]] = {
    0: [
        [arc(0.35, 0.5, 0.32, 0.5, -90, 270)],
        [arc(0.3, 0.5, 0.22, 0.5, -70, 300)],
        [arc(0.35, 0.5, 0.33, 0.5, -90, 270), line((0.6, 0.1), (0.1, 0.9))],
    ],
    1: [
        [line((0.3, 0), (0.3, 1))],
        [line((0.1, 0.25), (0.35, 0), (0.35, 1))],
        [line((0.1, 0.22), (0.35, 0), (0.35, 1)), line((0.1, 1), (0.6, 1))],
    ],
    2: [
        [arc(0.33, 0.28, 0.3, 0.28, -170, 35) + line((0.58, 0.44), (0.02, 1), (0.68, 1))],
        [
            arc(0.33, 0.27, 0.28, 0.27, -160, 40)
            + line((0.55, 0.45), (0.2, 0.85))
            + arc(0.16, 0.87, 0.13, 0.11, 0, 290)
            + line((0.2, 0.78), (0.72, 0.98))
        ],
    ],
    3: [
        [arc(0.3, 0.26, 0.28, 0.26, -150, 80) + arc(0.3, 0.75, 0.33, 0.25, -80, 150)],
        [line((0.02, 0), (0.6, 0), (0.28, 0.4)) + arc(0.28, 0.7, 0.33, 0.3, -85, 150)],
    ],
    4: [
        [line((0.3, 0), (0.02, 0.62), (0.7, 0.62)), line((0.5, 0.3), (0.5, 1))],
        [line((0.48, 1), (0.48, 0), (0.0, 0.66), (0.7, 0.66))],
        [line((0.1, 0), (0.08, 0.5), (0.6, 0.48)), line((0.58, 0), (0.56, 1))],
    ],
    5: [
        [line((0.62, 0), (0.12, 0), (0.1, 0.42)) + arc(0.28, 0.7, 0.32, 0.3, -110, 140)],
        [line((0.15, 0.03), (0.1, 0.45)) + arc(0.27, 0.7, 0.3, 0.3, -115, 130),
         line((0.15, 0.02), (0.65, 0))],
    ],
    6: [
        [line((0.5, 0), (0.2, 0.35)) + arc(0.33, 0.7, 0.3, 0.3, -165, 200)],
        [arc(0.6, 0.62, 0.55, 0.62, -100, -180) + arc(0.32, 0.7, 0.27, 0.29, 180, -190)],
    ],
    7: [
        [line((0.0, 0), (0.62, 0), (0.25, 1))],
        [line((0.0, 0), (0.62, 0), (0.25, 1)), line((0.18, 0.5), (0.62, 0.5))],
        [line((0.02, 0.15), (0.02, 0), (0.62, 0), (0.35, 0.5), (0.3, 1))],
    ],
    8: [
        [arc(0.33, 0.25, 0.25, 0.25, 90, 450), arc(0.33, 0.74, 0.31, 0.26, -90, 270)],
        [
            arc(0.33, 0.25, 0.26, 0.25, -30, -270)
            + arc(0.33, 0.75, 0.3, 0.25, -90, 200)
            + line((0.07, 0.66), (0.55, 0.14))
        ],
    ],
    9: [
        [arc(0.32, 0.28, 0.28, 0.28, 0, -360) + line((0.6, 0.28), (0.55, 1))],
        [arc(0.32, 0.28, 0.28, 0.28, 0, -360) + arc(0.15, 0.4, 0.46, 0.6, -10, 80)],
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """A style of drawing: each pair is the range of a uniform distribution."""

    pen: tuple[float, float] = (12, 22)  # pixels of the canvas
    slant: tuple[float, float] = (-0.1, 0.2)  # to the right, as a share of the height
    turn: tuple[float, float] = (-5, 5)  # degrees
    width: tuple[float, float] = (0.85, 1.15)  # relative to the glyph
    size: tuple[float, float] = (0.5, 0.7)  # as a share of the canvas
    shake: float = 0.01  # standard deviation, as a share of the height


DEFAULT_STYLE = Style()
STYLES: dict[str, Style] = {
    "as usual": DEFAULT_STYLE,
    "thin pen": replace(DEFAULT_STYLE, pen=(2, 4)),
    "fat pen": replace(DEFAULT_STYLE, pen=(34, 44)),
    "slanted left": replace(DEFAULT_STYLE, slant=(-0.5, -0.3)),
    "slanted right": replace(DEFAULT_STYLE, slant=(0.4, 0.6)),
    "turned": replace(DEFAULT_STYLE, turn=(12, 20)),
    "turned back": replace(DEFAULT_STYLE, turn=(-20, -12)),
    "narrow": replace(DEFAULT_STYLE, width=(0.5, 0.65)),
    "wide": replace(DEFAULT_STYLE, width=(1.4, 1.7)),
    "small": replace(DEFAULT_STYLE, size=(0.15, 0.22), pen=(3, 6)),
    "shaky": replace(DEFAULT_STYLE, shake=0.035),
}


def draw(glyph: Glyph, style: Style, rng: np.random.Generator) -> Bytes:
    """Return one digit as a (280, 280) uint8 image, dark on light."""
    slant, turn, width, size, pen = (
        rng.uniform(*getattr(style, name)) for name in ("slant", "turn", "width", "size", "pen")
    )
    angle = math.radians(turn)
    strokes = []
    for stroke in glyph:
        points = np.array(stroke) - (0.33, 0.5)
        points += _offsets(len(points), style.shake, rng)
        right, down = points[:, 0] * width - slant * points[:, 1], points[:, 1]
        turned = (
            math.cos(angle) * right - math.sin(angle) * down,
            math.sin(angle) * right + math.cos(angle) * down,
        )
        strokes.append(np.stack(turned, axis=1) * size * CANVAS)
    all_points = np.concatenate(strokes)
    minimum = -all_points.min(axis=0) + pen
    maximum = np.maximum(CANVAS - pen - all_points.max(axis=0), minimum)
    corner = rng.uniform(minimum, maximum)
    image = Image.new("L", (CANVAS * OVERSAMPLING, CANVAS * OVERSAMPLING), 255)
    brush = ImageDraw.Draw(image)
    half = pen * OVERSAMPLING / 2
    for stroke in strokes:
        brush_points = [tuple(point) for point in (stroke + corner) * OVERSAMPLING]
        brush.line(brush_points, fill=0, width=round(pen * OVERSAMPLING), joint="curve")
        for x, y in brush_points:
            brush.ellipse((x - half, y - half, x + half, y + half), fill=0)
    return np.asarray(image.resize((CANVAS, CANVAS), Image.Resampling.BOX))


def _offsets(count: int, shake: float, rng: np.random.Generator) -> np.ndarray[tuple[int, int]]:
    """Return smooth random offsets for the points of a stroke."""
    knots = rng.normal(0, shake, (2, max(3, count // 6)))
    along = np.linspace(0, knots.shape[1] - 1, count)
    return np.stack([np.interp(along, np.arange(knots.shape[1]), axis) for axis in knots], axis=1)


def normalized_images(
    style: Style, shape: tuple[int, int], *, times: int = REPEATS, seed: int = 0
) -> Iterator[tuple[int, Bytes]]:
    """Yield labels and images of this shape, uint8, preprocessed as in `zoo predict`."""
    rng = np.random.default_rng(seed)
    for label, glyphs in GLYPHS.items():
        for glyph in glyphs:
            for _ in range(times):
                file = BytesIO()
                Image.fromarray(draw(glyph, style, rng)).save(file, "PNG")
                decoded = decode(file.getvalue(), where="a drawing")
                yield label, normalize(decoded, shape, where="a drawing").image


def accuracies(models: Sequence[Model], style: Style, *, times: int = REPEATS) -> list[float]:
    """Return the accuracy of each model on the drawn digits."""
    result = dict.fromkeys(range(len(models)), 0.0)
    for shape in {classifier.source.shape for classifier in models}:
        labels_and_images = list(normalized_images(style, shape, times=times))
        labels = np.array([label for label, _ in labels_and_images])
        images = np.stack([image.reshape(-1) for _, image in labels_and_images])
        images = np.concatenate(
            [images, np.zeros((-len(images) % PRODUCT_ROWS, images.shape[1]), "u1")]
        )
        for index, classifier in enumerate(models):
            if classifier.source.shape == shape:
                predictions = classifier.logits(images)[: len(labels)].argmax(axis=1)
                result[index] = float((predictions == labels).mean())
    return list(result.values())


def show(
    names: Annotated[
        list[str] | None, typer.Argument(help="Entries or run folders. [default: all entries]")
    ] = None,
    *,
    sheet: Annotated[Path | None, typer.Option(help="Draw some digits to a PNG.")] = None,
) -> None:
    """Print the accuracy of models on synthetic digits, for each style."""
    entries = read_catalog().entries
    models = [
        model.load_shipped(entries[name].entry)
        if name in entries
        else model.load_run(Run(Path(name)))
        for name in names or sorted(entries, key=natural_sort_key)
    ]
    if sheet:
        write_atomically(sheet, _sheet())
    columns = [accuracies(models, style) for style in STYLES.values()]
    count = REPEATS * sum(map(len, GLYPHS.values()))
    typer.echo(f"Accuracy on {count:,} drawn digits per style, %.\n")
    typer.echo(f"| | {' | '.join(classifier.name for classifier in models)} |")
    typer.echo(f"|---|{'---:|' * len(models)}")
    for name, shares in zip(STYLES, columns, strict=True):
        _row(name, shares)
    _row("**all**", list(np.mean(columns, axis=0)))


def _row(name: str, shares: Sequence[float]) -> None:
    typer.echo(f"| {name} | {' | '.join(f'{100 * share:.1f}' for share in shares)} |")


def _sheet() -> bytes:
    rng = np.random.default_rng(0)
    cells = [
        (255 - draw(glyph, style, rng)[::4, ::4], name if number == 0 and not index else "")
        for name, style in STYLES.items()
        for number, glyphs in GLYPHS.items()
        for index, glyph in enumerate(glyphs)
    ]
    return png.sheet(cells, highest=255, across=sum(map(len, GLYPHS.values())))


if __name__ == "__main__":
    typer.run(show)
