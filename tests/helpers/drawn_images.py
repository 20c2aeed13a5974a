"""Images like those of users: digits of 28 x 28 pixels, redrawn in many styles."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Generator = np.random.Generator
Change = Callable[[Bytes, Generator], bytes]

BICUBIC = Image.Resampling.BICUBIC


def stored(pixels: npt.NDArray[np.generic], kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, kind, **options)
    return file.getvalue()


def enlarged(digit: Bytes, side: int) -> Bytes:
    return np.asarray(Image.fromarray(digit).resize((side, side), BICUBIC))


def placed(drawing: Bytes, shape: tuple[int, int], rng: Generator) -> Bytes:
    """Return the drawing at a random position on an empty canvas."""
    canvas = np.zeros(shape, np.uint8)
    top, left = (
        rng.integers(0, room - side + 1) for room, side in zip(shape, drawing.shape, strict=True)
    )
    canvas[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    return canvas


@cache
def removable() -> tuple[Mask, Mask]:
    """Return which pixels both steps of Zhang and Suen remove, with a bit per neighbour."""
    steps = np.zeros((2, 256), bool)
    for code in range(256):
        around = [bool(code >> bit & 1) for bit in range(8)]  # clockwise from the north
        north, _, east, _, south, _, west, _ = around
        rises = sum(not around[bit] and around[(bit + 1) % 8] for bit in range(8))
        if 2 <= sum(around) <= 6 and rises == 1:
            steps[0, code] = not (north and east and south) and not (east and south and west)
            steps[1, code] = not (north and east and west) and not (north and south and west)
    return steps[0], steps[1]


def skeleton(mask: Mask) -> Mask:
    """Return the centre lines of the strokes, by the rules of Zhang and Suen."""
    remaining = np.pad(mask, 1)
    inner = remaining[1:-1, 1:-1]
    rows, columns = mask.shape
    clockwise = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    while True:
        before = inner.copy()
        for removed in removable():
            code = np.zeros(mask.shape, np.uint8)
            for bit, (down, right) in enumerate(clockwise):
                neighbour = remaining[down : down + rows, right : right + columns]
                code |= neighbour.view(np.uint8) << bit
            inner &= ~removed.take(code)
        if np.array_equal(inner, before):
            return inner


def pen(digit: Bytes, side: int, width: int) -> Bytes:
    """Return the digit redrawn along its centre lines with a round pen of this width."""
    mask = enlarged(digit, side) > 127
    line = np.zeros_like(mask)
    inked = tuple(
        slice(indices.min(), indices.max() + 1)
        if (indices := np.flatnonzero(mask.any(axis))).size
        else slice(0)
        for axis in (1, 0)
    )
    line[inked] = skeleton(mask[inked])
    if width == 1:
        return line.astype(np.uint8) * 255
    rows, columns = np.nonzero(np.pad(line, width))
    canvas = np.zeros((side + 2 * width,) * 2, np.uint8)
    for down in range(-(width // 2), width // 2 + 1):
        for right in range(-(width // 2), width // 2 + 1):
            if 4 * (down**2 + right**2) <= width**2:
                canvas[rows + down, columns + right] = 255
    return canvas


def painted(drawing: Bytes, ink: npt.ArrayLike, paper: npt.ArrayLike) -> npt.NDArray[np.float64]:
    share = (drawing[..., None] / 255).astype(np.float64)
    mixed: npt.NDArray[np.float64] = share * np.asarray(ink) + (1 - share) * np.asarray(paper)
    return mixed


def transparent(drawing: Bytes, ink: int, under: int) -> bytes:
    """Return ink on a transparent background with the invisible colour `under`."""
    shade = np.where(drawing > 0, ink, under)
    return stored(np.stack([shade, shade, shade, drawing], axis=-1))


def lit(drawing: Bytes, rng: Generator) -> bytes:
    """Return dark ink on an unevenly lit page, with sensor noise."""
    rows, columns = np.indices(drawing.shape) / max(drawing.shape) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = 190 + 120 * (np.cos(angle) * rows + np.sin(angle) * columns)
    return stored(light * (1 - 0.75 * drawing / 255) + rng.normal(0, 3, drawing.shape))


def photographed(drawing: Bytes, rng: Generator) -> bytes:
    """Return a JPEG of pen on squared paper with a hard shadow and a dark table at two edges."""
    page = np.full(drawing.shape, 220.0)
    page[::20] -= 25
    page[:, ::20] -= 25
    rows, columns = np.indices(drawing.shape)
    page *= 0.55 + 0.45 / (1 + np.exp((200 - rows - columns) / 10))
    page *= 1 - 0.75 * drawing / 255
    page[-int(rng.integers(3, 12)) :] = 30
    page[:, : int(rng.integers(3, 12))] = 40
    blurred = Image.fromarray(page.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))
    return stored(np.asarray(blurred) + rng.normal(0, 4, page.shape), "JPEG", quality=80)


def specked(drawing: Bytes, rng: Generator) -> bytes:
    dusty = drawing.copy()
    for size in rng.integers(1, 4, 12):
        row, column = (int(rng.integers(0, side - 4)) for side in drawing.shape)
        dusty[row : row + size, column : column + size] = 255
    return stored(255 - dusty.astype(int))


def turned(drawing: Bytes, _: Generator) -> bytes:
    """Return the drawing stored on its side, with EXIF's orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return stored(255 - np.rot90(drawing), "JPEG", quality=90, exif=exif)


def page_of(digit: Bytes, rng: Generator) -> Bytes:
    return placed(enlarged(digit, 130), (170, 210), rng)


CHANGES: dict[str, Change] = {
    "untouched": lambda digit, _: stored(digit),
    "inverted": lambda digit, _: stored(255 - digit),
    "on a canvas": lambda digit, _: stored(255 - enlarged(digit, 280)),
    "in blocks": lambda digit, _: stored(digit.repeat(6, axis=0).repeat(6, axis=1)),
    "off-centre": lambda digit, rng: stored(255 - placed(digit, (70, 70), rng)),
    "an icon": lambda digit, _: stored(255 - enlarged(digit[2:26, 2:26], 32)),
    "a hairline": lambda digit, rng: stored(255 - placed(pen(digit, 200, 1), (300, 400), rng)),
    "a thin pen": lambda digit, rng: stored(255 - placed(pen(digit, 150, 3), (200, 300), rng)),
    "a fat pen": lambda digit, _: stored(255 - pen(digit, 168, 25)),
    "coloured": lambda digit, rng: stored(
        painted(page_of(digit, rng), rng.integers(0, 130, 3), rng.integers(200, 256, 3))
    ),
    "light on dark": lambda digit, rng: stored(
        painted(page_of(digit, rng), rng.integers(180, 256, 3), rng.integers(0, 80, 3))
    ),
    "on nothing": lambda digit, rng: transparent(page_of(digit, rng), 0, 0),
    "on white nothing": lambda digit, rng: transparent(page_of(digit, rng), 0, 255),
    "white on nothing": lambda digit, rng: transparent(page_of(digit, rng), 255, 255),
    "noisy": lambda digit, rng: stored(255 - page_of(digit, rng) + rng.normal(0, 12, (170, 210))),
    "unevenly lit": lambda digit, rng: lit(page_of(digit, rng), rng),
    "photographed": lambda digit, rng: photographed(page_of(digit, rng), rng),
    "specked": lambda digit, rng: specked(page_of(digit, rng), rng),
    "framed": lambda digit, rng: stored(np.pad(255 - page_of(digit, rng), int(rng.integers(1, 6)))),
    "a poor JPEG": lambda digit, rng: stored(255 - page_of(digit, rng), "JPEG", quality=40),
    "turned": lambda digit, rng: turned(page_of(digit, rng), rng),
}
