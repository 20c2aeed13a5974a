"""Segmentation: the ink of a drawing, separated from its background."""

from dataclasses import dataclass

import numpy as np

from zoo.data.images.components import Labels, Mask, label_components
from zoo.data.images.constants import (
    BOX_THRESHOLD,
    DIFFERENT_GREY,
    FINE_GRID,
    FRAME_WIDTHS,
    FULL_STRENGTH,
    GREY_BINS,
    GRID,
    HALF,
    MAX_FRAME,
    MEDIAN_DIFFERENCE,
    MIN_CONTRAST,
    MIN_EVEN_SHARE,
    MIN_EXTENT,
    MIN_FAR,
    MIN_FRAME_SHARE,
    MIN_FRAMED,
    MIN_FRAMED_SHARE,
    MIN_INK_SHARE,
    MIN_NEAR,
    MIN_SHEET_SHARE,
    MIN_SIGNAL,
    NEAR,
    OTSU_BINS,
    SAME_GREY,
    SEVERAL_SHADES,
    TINY,
    WINDOW,
)
from zoo.data.images.decode import DecodedImage, Floats
from zoo.errors import CorruptFileError


@dataclass(frozen=True)
class InkMask:
    """The ink of one drawing, cropped to its bounding box, and notes on the segmentation."""

    strength: Floats  # (height, width), from 0 to 1
    left: int  # the first column of the ink within the image, or within its frame
    notes: tuple[str, ...]


def find_ink(image: DecodedImage, *, where: str) -> InkMask:
    """Return the ink of the image's drawing, without specks, a frame or the background."""
    grey, notes = _opaque(image)
    grey, frame_notes = _without_frame(grey)
    ink, background_notes = _contrast(grey)
    strength = _strength(ink, where)
    strength = np.where(_drawing_mask(np.greater(strength, HALF)), strength, np.float32(0))
    # Removed components, for example a dark table, may have been stronger than the drawing.
    strength = (
        strength / np.float32(np.percentile(strength[strength > HALF], FULL_STRENGTH))
    ).clip(max=1)
    inside = strength > BOX_THRESHOLD
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    cropped = strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    notes += frame_notes + background_notes
    height, width = image.grey.shape
    if cropped.shape != (height, width):
        notes += (f"cropped to {cropped.shape[1]} x {cropped.shape[0]} of {width} x {height}",)
    return InkMask(cropped, int(columns[0]), notes)


def _opaque(image: DecodedImage) -> tuple[Floats, tuple[str, ...]]:
    """Return the image on a background against which its ink is visible."""
    if image.alpha is None:
        return image.grey, ()
    grey, alpha = image.grey, image.alpha
    if alpha.max() - alpha.min() < MIN_CONTRAST:  # uniform opacity
        return (grey, ()) if alpha.max() > MIN_CONTRAST else (np.ones_like(grey), ())
    solid = alpha > HALF
    if solid.any():
        shades = grey[solid]
        rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
        box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
        paper = _mode(shades)
        has_ink = (np.abs(shades - paper) > DIFFERENT_GREY).mean() > MIN_INK_SHARE
        if has_ink and len(shades) > MIN_SHEET_SHARE * box:
            return grey * alpha + (1 - alpha) * paper, ("the sheet made opaque",)
    # The opaque pixels are the drawing, whatever their colours.
    return 1 - alpha, ("transparency made white, ink black",)


def _without_frame(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return the inside of a frame: a border of one shade around a ring of another shade."""
    outer = _ring(grey, 0)
    shorter = min(grey.shape)
    max_depth = min(shorter // MAX_FRAME, (shorter - MIN_FRAMED) // 2)
    for depth in range(max_depth, 0, -max(max_depth // FRAME_WIDTHS, 1)):
        inner = _ring(grey, depth)
        background = _mode(inner)
        if (np.abs(inner - background) < SAME_GREY).mean() > MIN_FRAMED_SHARE:
            if (np.abs(outer - background) > DIFFERENT_GREY).mean() > MIN_FRAME_SHARE:
                return grey[depth:-depth, depth:-depth], ("a frame taken off",)
            break
    return grey, ()


def _ring(grey: Floats, depth: int) -> Floats:
    inner = grey[depth : grey.shape[0] - depth, depth : grey.shape[1] - depth]
    return np.concatenate([inner[0], inner[-1], inner[1:-1, 0], inner[1:-1, -1]])


def _mode(values: Floats) -> np.float32:
    """Return the most frequent value: the median of those around the fullest bin."""
    bins = (values * GREY_BINS).astype(np.intp).clip(0, GREY_BINS - 1)
    counts = np.convolve(np.bincount(bins, minlength=GREY_BINS), [1, 1, 1])[1:-1]
    return np.float32(np.median(values[np.abs(bins - counts.argmax()) <= 1]))


def _contrast(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return each pixel's difference from the background, and notes."""
    ring = _ring(grey, 0)
    background = _mode(ring)
    if (np.abs(ring - background) < SAME_GREY).mean() < MIN_EVEN_SHARE:
        return _contrast_uneven(grey)
    darker = background - grey
    dark, light = np.square(darker.clip(min=0)).sum(), np.square(darker.clip(max=0)).sum()
    if min(dark, light) > SEVERAL_SHADES * max(dark, light):
        return np.abs(darker), ("ink of several shades",)
    if dark >= light:
        return darker.clip(min=0), ("dark on light",)
    return -darker.clip(max=0), ("light on dark",)


def _contrast_uneven(grey: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return each pixel's difference from an unevenly lit background, and notes.

    The background is the image without thin strokes: widening light areas removes dark strokes,
    and narrowing them again restores the shadows.
    """
    if _is_dark_on_light(grey):
        background = _enlarged(-_without_light(-_cells(grey, GRID)), grey.shape)
        return ((background - grey) / background.clip(min=DIFFERENT_GREY)).clip(0, 1), (
            "dark on light",
            "lighting evened",
        )
    background = _enlarged(_without_light(_cells(grey, GRID)), grey.shape)
    return (grey - background).clip(0), ("light on dark", "lighting evened")


def _is_dark_on_light(grey: Floats) -> bool:
    """Return whether pixels that differ from the median around them are mostly darker."""
    cells = _cells(grey, GRID // 2)
    size = WINDOW // 2 | 1
    padded = np.pad(cells, size // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    difference = cells - np.median(windows, axis=(2, 3))
    return bool(np.square(difference.clip(max=0)).sum() >= np.square(difference.clip(min=0)).sum())


def _cells(grey: Floats, longer: int) -> Floats:
    from PIL import Image

    rows, columns = (max(round(side * longer / max(grey.shape)), 1) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((columns, rows), Image.Resampling.BOX))


def _enlarged(cells: Floats, shape: tuple[int, int]) -> Floats:
    from PIL import Image

    return np.asarray(Image.fromarray(cells).resize(shape[::-1], Image.Resampling.BILINEAR))


def _without_light(cells: Floats) -> Floats:
    """Return the cells without light areas narrower than the window."""
    return _window_max(-_window_max(-cells))


def _window_max(cells: Floats) -> Floats:
    """Return the maximum of the window around each cell; slopes are extrapolated at the edge."""
    for axis, pad in enumerate(np.eye(2, dtype=int) * (WINDOW // 2)):
        padded = np.pad(cells, pad[:, None], mode="reflect", reflect_type="odd")
        cells = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=axis).max(axis=-1)
    return cells


def _strength(ink: Floats, where: str) -> Floats:
    """Return the ink rescaled: 0 for the background, 1 for the full strength."""
    low, high, inked = _split(ink)
    noise = 0.0
    if min(ink.shape) > TINY:
        background = ~(inked[:, 1:] | inked[:, :-1])
        if background.any():
            differences = np.abs(np.diff(ink, axis=1))[background]
            noise = float(np.median(differences)) / MEDIAN_DIFFERENCE
    if high - low < max(MIN_CONTRAST, MIN_SIGNAL * noise):
        raise CorruptFileError(f"{where} is blank: no ink was found.")
    return ((ink - low) / (high - low)).clip(0, 1).astype(np.float32)


def _split(ink: Floats) -> tuple[float, float, Mask]:
    """Return the ink level of background and drawing and the mask of the drawing, by Otsu."""
    top = float(ink.max())
    if top < MIN_CONTRAST:
        return 0.0, 0.0, np.zeros(ink.shape, bool)
    bins = (ink * (OTSU_BINS / top)).astype(np.intp)
    counts = np.bincount(bins.ravel())
    below = counts.cumsum()[:-1]
    above = counts.sum() - below
    sums = (counts * np.arange(len(counts))).cumsum()
    difference = sums[:-1] / below.clip(min=1) - (sums[-1] - sums[:-1]) / above
    inked = bins > (below * above * difference**2).argmax()
    background = ink[~inked]
    low = float(np.median(background)) if background.size else 0.0
    return low, float(np.percentile(ink[inked], FULL_STRENGTH)), inked


def _drawing_mask(mask: Mask) -> Mask:
    """Return the mask of the drawing, widened by a cell."""
    cell = -(-max(mask.shape) // FINE_GRID)
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % cell), (0, -width % cell)))
    rows, columns = (side // cell for side in padded.shape)
    cells = padded.reshape(rows, cell, columns, cell).any(axis=(1, 3))
    labels, count = label_components(np.asarray(cells))
    drawing = np.pad(np.isin(labels, _components_of_drawing(labels, count)), 1)
    for axis in (0, 1):
        drawing = drawing | np.roll(drawing, 1, axis) | np.roll(drawing, -1, axis)
    drawing = drawing[1:-1, 1:-1]
    return drawing.repeat(cell, axis=0).repeat(cell, axis=1)[:height, :width]


@dataclass(frozen=True)
class Component:
    """A connected component: its number, its cells, its box, and the sides that it touches."""

    number: int
    cells: int
    top: int
    bottom: int
    left: int
    right: int
    sides: int

    @property
    def extent(self) -> int:
        """The longer side of the box."""
        return max(self.bottom - self.top, self.right - self.left)

    def gap(self, other: "Component") -> int:
        """Return the distance between the boxes."""
        across = max(self.left - other.right, other.left - self.right)
        return max(self.top - other.bottom, other.top - self.bottom, across, 0)


def _components_of_drawing(labels: Labels, count: int) -> list[int]:
    """Return the numbers of the drawing's components: the longest, and others that are not specks.

    A component that touches two sides of the image is the edge of a table or a line of the paper,
    unless no other component can be the drawing.
    """
    components = [_component(labels, number) for number in range(1, count + 1)]
    inner = [component for component in components if component.sides <= 1]
    if any(component.extent >= MIN_EXTENT * max(labels.shape) for component in inner):
        components = inner
    main = max(components, key=lambda component: component.extent)

    def min_cells(component: Component) -> float:
        is_near = component.gap(main) < NEAR * main.extent
        return main.cells * (MIN_NEAR if is_near else MIN_FAR)

    return [component.number for component in components if component.cells >= min_cells(component)]


def _component(labels: Labels, number: int) -> Component:
    inside = labels == number
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    top, bottom, left, right = (
        int(end) for end in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    )
    edges = (top == 0, left == 0, bottom == len(labels), right == labels.shape[1])
    return Component(number, int(inside.sum()), top, bottom, left, right, sum(edges))
