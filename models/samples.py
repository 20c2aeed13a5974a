"""The images of `zoo data sample`, drawn by this module: `python -m zoo.models.samples`.

Each digit is a pen that follows a curve: its width changes along the stroke, as the pressure of a
hand does, and it trembles. Ten are dark grey on white, one is on a ruled page, photographed with a
shadow, blur and noise. No model is trained on them. `zoo predict MODEL samples/` reads all eleven
with every shipped model except two: digits-10 takes 1.png for a 9, mnist-128 takes 8.png for a 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from zoo.data.dataset import Bytes
from zoo.data.samples import FILES
from zoo.files import write_atomically

Floats = npt.NDArray[np.float64]
Points = Sequence[tuple[float, float]]  # (right, down), as a share of the side of the drawing

SIDE = 200  # pixels of a drawing
PAGE = (420, 320)  # rows and columns of the photo
STEPS = 24  # points of the curve between two given ones
INK, PAPER = 45, 255  # grey values


@dataclass(frozen=True)
class Drawing:
    """The strokes of one digit, as points that a smooth curve passes, and the pen."""

    strokes: Sequence[Points]
    pen: float = 9  # its width in pixels
    tremble: float = 0.8  # standard deviation in pixels
    pressure: float = 0.2  # how much of the width changes


DRAWINGS = {
    0: Drawing(
        [[(0.58, 0.17), (0.42, 0.20), (0.30, 0.40), (0.31, 0.65), (0.44, 0.83), (0.60, 0.78),
          (0.70, 0.58), (0.68, 0.32), (0.55, 0.17), (0.45, 0.20)]],
        pen=9,
    ),
    1: Drawing(
        [[(0.41, 0.33), (0.50, 0.26), (0.57, 0.16)], [(0.57, 0.16), (0.55, 0.45), (0.51, 0.85)]],
        pen=11,
    ),
    2: Drawing(
        [[(0.30, 0.34), (0.36, 0.21), (0.52, 0.16), (0.65, 0.26), (0.60, 0.45), (0.45, 0.64),
          (0.29, 0.81)], [(0.29, 0.81), (0.40, 0.775), (0.55, 0.80), (0.74, 0.79)]],
        pen=8,
    ),
    3: Drawing(
        [[(0.31, 0.23), (0.45, 0.15), (0.61, 0.20), (0.62, 0.35), (0.45, 0.47)],
         [(0.45, 0.47), (0.62, 0.53), (0.69, 0.67), (0.58, 0.82), (0.42, 0.85), (0.29, 0.76)]],
        pen=12,
    ),
    4: Drawing(
        [[(0.44, 0.14), (0.37, 0.34), (0.27, 0.56)], [(0.27, 0.56), (0.48, 0.56), (0.74, 0.53)],
         [(0.60, 0.33), (0.57, 0.60), (0.53, 0.88)]],
        pen=8,
    ),
    5: Drawing(
        [[(0.39, 0.19), (0.37, 0.32), (0.34, 0.47)],
         [(0.34, 0.47), (0.48, 0.41), (0.63, 0.49), (0.66, 0.66), (0.54, 0.81), (0.37, 0.83),
          (0.27, 0.76)],
         [(0.38, 0.19), (0.52, 0.19), (0.69, 0.15)]],
        pen=10,
    ),
    6: Drawing(
        [[(0.61, 0.13), (0.46, 0.28), (0.35, 0.50), (0.33, 0.70), (0.43, 0.84), (0.58, 0.82),
          (0.66, 0.68), (0.58, 0.56), (0.45, 0.57), (0.35, 0.69)]],
        pen=7,
    ),
    7: Drawing(
        [[(0.28, 0.22), (0.45, 0.215), (0.71, 0.19)], [(0.71, 0.19), (0.57, 0.46), (0.44, 0.87)],
         [(0.40, 0.54), (0.52, 0.525), (0.66, 0.51)]],
        pen=10,
    ),
    8: Drawing(
        [[(0.63, 0.25), (0.52, 0.15), (0.38, 0.21), (0.39, 0.36), (0.54, 0.50), (0.65, 0.67),
          (0.56, 0.83), (0.39, 0.81), (0.34, 0.66), (0.46, 0.50), (0.60, 0.38), (0.64, 0.24)]],
        pen=9,
    ),
    9: Drawing(
        [[(0.64, 0.28), (0.54, 0.17), (0.39, 0.23), (0.35, 0.38), (0.45, 0.49), (0.59, 0.42),
          (0.65, 0.26)], [(0.65, 0.26), (0.62, 0.52), (0.55, 0.87)]],
        pen=11,
    ),
}  # fmt: skip
ON_PAGE = Drawing(
    [[(0.33, 0.30), (0.41, 0.20), (0.55, 0.19), (0.63, 0.30), (0.57, 0.45), (0.43, 0.62),
      (0.30, 0.76), (0.26, 0.70), (0.34, 0.66), (0.48, 0.74), (0.62, 0.79), (0.73, 0.72)]],
    pen=6.5,
    tremble=0.8,
)  # fmt: skip


def images() -> dict[str, bytes]:
    """Return the content of every file by its name."""
    files = {f"{digit}.png": _encoded(drawing(digit), "PNG") for digit in DRAWINGS}
    return files | {"page.jpg": _encoded(page(), "JPEG", quality=85)}


def drawing(digit: int) -> Bytes:
    """Return the drawing of a digit: (200, 200) uint8, dark grey on white."""
    ink = covered(DRAWINGS[digit], (SIDE, SIDE), np.random.RandomState(digit))
    pixels: Bytes = np.rint(PAPER + (INK - PAPER) * ink).astype(np.uint8)
    return pixels


def page() -> Bytes:
    """Return the photo of a ruled page with a blue digit: (420, 320, 3) uint8."""
    rng = np.random.RandomState(2)
    rows, columns = np.indices(PAGE).astype(float)
    paper = np.full((*PAGE, 3), (236.0, 231.0, 219.0))
    # The camera is turned a little, so the lines rise.
    down = rows + 0.035 * columns
    lines = np.clip(1.2 - np.abs(down % 34 - 17), 0, 1)[..., None]
    margin = np.clip(1.2 - np.abs(columns - 0.03 * rows - 42), 0, 1)[..., None]
    paper += 0.35 * lines * (np.array([150, 175, 205]) - paper)
    paper += 0.35 * margin * (np.array([215, 130, 130]) - paper)
    ink = np.zeros(PAGE)
    top, left, side = 75, 45, 260
    ink[top : top + side, left : left + side] = covered(ON_PAGE, (side, side), rng)
    grain = _blurred(rng.normal(0, 1, PAGE), 0.7)
    ink *= np.clip(0.9 + 0.15 * grain, 0, 1)
    paper += ink[..., None] * (np.array([38, 48, 98]) - paper)
    light = 0.98 - 0.22 * rows / PAGE[0] - 0.14 * columns / PAGE[1]
    shadow = 1 / (1 + np.exp((560 - rows - 0.9 * columns) / 22))  # of a hand, in the lower corner
    light *= 1 - 0.25 * shadow
    photo = np.stack([_blurred(paper[..., colour] * light, 0.9) for colour in range(3)], axis=-1)
    photo += _blurred(rng.normal(0, 5, PAGE), 0.6)[..., None] + rng.normal(0, 1.5, photo.shape)
    pixels: Bytes = np.rint(photo.clip(0, 255)).astype(np.uint8)
    return pixels


def covered(drawing: Drawing, shape: tuple[int, int], rng: np.random.RandomState) -> Floats:
    """Return the share of every pixel that the pen covers."""
    rows, columns = np.indices(shape) + 0.5
    result = np.zeros(shape)
    for stroke in drawing.strokes:
        curve = _curve(stroke) * shape[::-1]
        curve += drawing.tremble * _smooth(len(curve), rng)
        widths = drawing.pen * (1 + drawing.pressure * _smooth(len(curve), rng)[:, 0])
        for (start, end), width in zip(pairwise(curve), widths, strict=False):
            step = end - start
            along = ((columns - start[0]) * step[0] + (rows - start[1]) * step[1]) / (step @ step)
            nearest = start + along.clip(0, 1)[..., None] * step
            distance = np.hypot(columns - nearest[..., 0], rows - nearest[..., 1])
            np.maximum(result, (width / 2 - distance + 0.5).clip(0, 1), out=result)
    return result


def _curve(points: Points) -> Floats:
    """Return points (n, 2) on the Catmull-Rom spline through the given points."""
    known = np.array(points)
    known = np.vstack([2 * known[0] - known[1], known, 2 * known[-1] - known[-2]])
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    pieces = [
        b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        for a, b, c, d in zip(known, known[1:], known[2:], known[3:], strict=False)
    ]
    return np.vstack([*pieces, known[-2:-1]])


def _smooth(count: int, rng: np.random.RandomState) -> Floats:
    """Return smooth random numbers (n, 2) with a standard deviation of about 1."""
    knots = rng.normal(0, 1, (2, max(3, count // 12)))
    places = np.linspace(0, knots.shape[1] - 1, count)
    return np.stack([np.interp(places, np.arange(knots.shape[1]), axis) for axis in knots], axis=1)


def _blurred(values: Floats, sigma: float) -> Floats:
    """Return the values (rows, columns) under a Gaussian filter."""
    offsets = np.arange(-3, 4)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    padded = np.pad(values, 3, mode="edge")
    for axis in (0, 1):
        moved = (np.roll(padded, offset, axis) for offset in offsets)
        padded = sum(
            (weight * part for weight, part in zip(weights / weights.sum(), moved, strict=True)),
            np.zeros_like(padded),
        )
    return padded[3:-3, 3:-3]


def _encoded(pixels: Bytes, kind: str, **options: int) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, optimize=True, **options)
    return file.getvalue()


def write() -> Iterator[str]:
    """Write every file into the package; yield the paths."""
    for name, content in images().items():
        write_atomically(FILES / name, content)
        yield str(FILES / name)


if __name__ == "__main__":
    print(*write(), sep="\n")  # noqa: T201 - the command's output
