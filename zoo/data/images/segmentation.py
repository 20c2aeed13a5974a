"""Finding the ink: which pixels of a picture were drawn, and how strongly, whatever they lie on."""

from dataclasses import dataclass

import numpy as np

from zoo.data.images.components import Mask, Numbers, regions
from zoo.data.images.decode import DecodedImage, Floats
from zoo.errors import CorruptFileError

SAME_GREY = 0.03  # two grey values that count as the same
DIFFERENT_GREY = 0.2  # and two that do not
FAINTEST = 0.04  # ink that differs less from what it lies on is none
HALF = 0.5  # of the ink's strength: what is part of a stroke
BOX_THRESHOLD = 0.2  # of it: what belongs to the box, the soft rim of a stroke too
TINY = 16  # pixels; below it, neighbours differ because they are the drawing
GRID = 96  # cells of the longer side when lighting is looked at
FINE_GRID = 240  # cells of it when what touches is told from what does not
WINDOW = 27  # cells; wider than a stroke, narrower than a shadow
SMALLEST = 0.25  # of the longer side: what can be a drawing beside the picture's edges
SPECK, STRANGER = 0.03, 0.3  # of the main part: what is kept near to it, and far from it


@dataclass(frozen=True)
class InkMask:
    """The ink of one drawing, cropped to it, from 0 to 1, and how it was found."""

    strength: Floats
    left: int  # the column of the picture, or of what is in its frame, where the ink begins
    words: tuple[str, ...]


def find_ink(picture: DecodedImage, *, where: str) -> InkMask:
    """Return the ink of the picture's one drawing; specks, frames and the page are left behind."""
    grey, words = _opaque(picture)
    grey, framed = _without_frame(grey)
    ink, page = _off_the_page(grey)
    strength = _strength(ink, where)
    strength = np.where(_drawing(np.greater(strength, HALF)), strength, np.float32(0))
    # What was left behind, a dark table say, may have been stronger than the drawing.
    strength = (strength / np.float32(np.percentile(strength[strength > HALF], 90))).clip(max=1)
    seen = strength > BOX_THRESHOLD
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    cropped = strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    words += framed + page
    height, width = picture.grey.shape
    if cropped.shape != (height, width):
        words += (f"cropped to {cropped.shape[1]} x {cropped.shape[0]} of {width} x {height}",)
    return InkMask(cropped, int(columns[0]), words)


def _opaque(picture: DecodedImage) -> tuple[Floats, tuple[str, ...]]:
    """Return the picture on a background on which its ink is seen."""
    if picture.alpha is None:
        return picture.grey, ()
    grey, alpha = picture.grey, picture.alpha
    if alpha.max() - alpha.min() < FAINTEST:  # it tells nothing, unless there is nothing
        return (grey, ()) if alpha.max() > FAINTEST else (np.ones_like(grey), ())
    solid = alpha > HALF
    if solid.any():
        shades = grey[solid]
        rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
        box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
        sheet = _mode(shades)
        drawn_upon = (np.abs(shades - sheet) > DIFFERENT_GREY).mean() > 0.005
        if drawn_upon and len(shades) > 0.6 * box:
            return grey * alpha + (1 - alpha) * sheet, ("the sheet made opaque",)
    # The drawing is what is opaque, in whatever colours.
    return 1 - alpha, ("transparency made white, ink black",)


def _without_frame(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return what is inside of a frame: a border of one shade within which is one of another."""
    outer = _ring(grey, 0)
    deepest = min(min(grey.shape) // 6, (min(grey.shape) - 8) // 2)
    for depth in range(deepest, 0, -max(deepest // 8, 1)):
        inner = _ring(grey, depth)
        page = _mode(inner)
        if (np.abs(inner - page) < SAME_GREY).mean() > 0.97:
            if (np.abs(outer - page) > DIFFERENT_GREY).mean() > 0.9:
                return grey[depth:-depth, depth:-depth], ("a frame taken off",)
            break
    return grey, ()


def _ring(grey: Floats, depth: int) -> Floats:
    inner = grey[depth : grey.shape[0] - depth, depth : grey.shape[1] - depth]
    return np.concatenate([inner[0], inner[-1], inner[1:-1, 0], inner[1:-1, -1]])


def _mode(values: Floats) -> np.float32:
    """Return the most usual value: the median of those around the fullest of 64 bins."""
    bins = (values * 64).astype(np.intp).clip(0, 63)
    counts = np.convolve(np.bincount(bins, minlength=64), [1, 1, 1])[1:-1]
    return np.float32(np.median(values[np.abs(bins - counts.argmax()) <= 1]))


def _off_the_page(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return how much each pixel differs from the page it lies on."""
    ring = _ring(grey, 0)
    page = _mode(ring)
    if (np.abs(ring - page) < SAME_GREY).mean() < 0.6:
        return _off_an_uneven_page(grey)
    darker = page - grey
    dark, light = np.square(darker.clip(min=0)).sum(), np.square(darker.clip(max=0)).sum()
    if min(dark, light) > 0.2 * max(dark, light):
        return np.abs(darker), ("ink of several shades",)
    if dark >= light:
        return darker.clip(min=0), ("dark on light",)
    return -darker.clip(max=0), ("light on dark",)


def _off_an_uneven_page(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return the same where the light falls unevenly: the page is what no thin stroke is part of.

    Widening what is light swallows dark strokes; narrowing it again leaves shadows where they were.
    """
    if _is_dark_on_light(grey):
        page = _enlarged(-_without_light(-_cells(grey, GRID)), grey.shape)
        return ((page - grey) / page.clip(min=DIFFERENT_GREY)).clip(0, 1), (
            "dark on light",
            "lighting evened",
        )
    page = _enlarged(_without_light(_cells(grey, GRID)), grey.shape)
    return (grey - page).clip(0), ("light on dark", "lighting evened")


def _is_dark_on_light(grey: Floats) -> bool:
    """Tell by which side the odd pixels lie of what is usual around them."""
    cells = _cells(grey, GRID // 2)
    size = WINDOW // 2 | 1
    around = np.pad(cells, size // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(around, (size, size))
    odd = cells - np.median(windows, axis=(2, 3))
    return bool(np.square(odd.clip(max=0)).sum() >= np.square(odd.clip(min=0)).sum())


def _cells(grey: Floats, longer: int) -> Floats:
    from PIL import Image

    rows, columns = (max(round(side * longer / max(grey.shape)), 1) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((columns, rows), Image.Resampling.BOX))


def _enlarged(cells: Floats, shape: tuple[int, int]) -> Floats:
    from PIL import Image

    return np.asarray(Image.fromarray(cells).resize(shape[::-1], Image.Resampling.BILINEAR))


def _without_light(cells: Floats) -> Floats:
    """Return the cells without what is light and narrower than the window."""
    return _highest(-_highest(-cells))


def _highest(cells: Floats) -> Floats:
    """Return the highest value in the window around each cell; a slope goes on over the edge."""
    for axis, pad in enumerate(np.eye(2, dtype=int) * (WINDOW // 2)):
        wide = np.pad(cells, pad[:, None], mode="reflect", reflect_type="odd")
        cells = np.lib.stride_tricks.sliding_window_view(wide, WINDOW, axis=axis).max(axis=-1)
    return cells


def _strength(ink: Floats, where: str) -> Floats:
    """Return the ink stretched from what the page has of it to its own full strength."""
    low, high, inked = _split(ink)
    noise = 0.0
    if min(ink.shape) > TINY:
        both = ~(inked[:, 1:] | inked[:, :-1])
        # Half of all neighbours differ by more than 0.95 of the noise's deviation.
        noise = float(np.median(np.abs(np.diff(ink, axis=1))[both])) / 0.95 if both.any() else 0.0
    if high - low < max(FAINTEST, 4 * noise):
        raise CorruptFileError(f"{where} is blank: no ink was found.")
    return ((ink - low) / (high - low)).clip(0, 1).astype(np.float32)


def _split(ink: Floats) -> tuple[float, float, Mask]:
    """Return how much ink the page has, how much the drawing has, and which is which, by Otsu."""
    top = float(ink.max())
    if top < FAINTEST:
        return 0.0, 0.0, np.zeros(ink.shape, bool)
    bins = (ink * (255 / top)).astype(np.intp)
    counts = np.bincount(bins.ravel())
    below = counts.cumsum()[:-1]
    above = counts.sum() - below
    sums = (counts * np.arange(len(counts))).cumsum()
    apart = sums[:-1] / below.clip(min=1) - (sums[-1] - sums[:-1]) / above
    inked = bins > (below * above * apart**2).argmax()
    page = ink[~inked]
    low = float(np.median(page)) if page.size else 0.0
    return low, float(np.percentile(ink[inked], 90)), inked


def _drawing(mask: Mask) -> Mask:
    """Return the mask of the drawing with a little around it."""
    cell = -(-max(mask.shape) // FINE_GRID)
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % cell), (0, -width % cell)))
    rows, columns = (side // cell for side in padded.shape)
    cells = padded.reshape(rows, cell, columns, cell).any(axis=(1, 3))
    numbers, count = regions(np.asarray(cells))
    kept = np.isin(numbers, _chosen(numbers, count))
    around = np.pad(kept, 1)
    for axis in (0, 1):
        around = around | np.roll(around, 1, axis) | np.roll(around, -1, axis)
    kept = around[1:-1, 1:-1]
    return kept.repeat(cell, axis=0).repeat(cell, axis=1)[:height, :width]


@dataclass(frozen=True)
class Component:
    """A connected part of what was drawn: its number, its cells, its box, the sides it touches."""

    number: int
    cells: int
    top: int
    bottom: int
    left: int
    right: int
    sides: int

    @property
    def extent(self) -> int:
        """The longer side of its box."""
        return max(self.bottom - self.top, self.right - self.left)

    def gap(self, other: "Component") -> int:
        """Return how far its box is from another's."""
        across = max(self.left - other.right, other.left - self.right)
        return max(self.top - other.bottom, other.top - self.bottom, across, 0)


def _chosen(numbers: Numbers, count: int) -> list[int]:
    """Return the regions of the drawing: the longest part and what is no speck beside it.

    What lies along two sides of the picture is the edge of a table or a line of the paper, as long
    as there is something else to be the drawing.
    """
    parts = [_part(numbers, number) for number in range(1, count + 1)]
    free = [part for part in parts if part.sides <= 1]
    if any(part.extent >= SMALLEST * max(numbers.shape) for part in free):
        parts = free
    main = max(parts, key=lambda part: part.extent)
    return [
        part.number
        for part in parts
        if part.cells >= main.cells * (SPECK if part.gap(main) < 0.3 * main.extent else STRANGER)
    ]


def _part(numbers: Numbers, number: int) -> Component:
    inside = numbers == number
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    top, bottom, left, right = (
        int(end) for end in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    )
    edges = (top == 0, left == 0, bottom == len(numbers), right == numbers.shape[1])
    return Component(number, int(inside.sum()), top, bottom, left, right, sum(edges))
