"""Images of any size in the form of the training data: zoo/data/images/fit.py without NumPy."""

from __future__ import annotations

from .errors import CorruptError
from .float32 import median, rounded
from .normalize import NormalizedImage, resized, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .model import Model
    from .resize import Grid


def in_form(image: Image, model: Model, *, preprocess: str | None, where: str) -> NormalizedImage:
    """Return the image in the form of the model's images; `where` names it in errors."""
    if model.fit == "none" or preprocess == "none":
        return _unprocessed(image, model, where=where)
    if model.fit == "ink":
        from .preprocess import normalize

        return normalize(image, model.shape, where=where)
    return _scaled(image, model)


def conversion(model: Model) -> str:
    """Return a hint about images that do not have the form of the data."""
    if model.fit == "none":
        return f"Images for {model.data} are taken as they are."
    return "To convert images of any size, use --preprocess auto."


def _unprocessed(image: Image, model: Model, *, where: str) -> NormalizedImage:
    """Return the pixels as stored; raise if they do not have the form of the training data."""
    hint = conversion(model)
    if image.size != model.shape:
        (rows, columns), expected = image.size, model.shape
        msg = (
            f"{where} has the wrong size; "
            f"expected {expected[1]} x {expected[0]} pixels, got {columns} x {rows}."
        )
        raise CorruptError(msg, hint=hint)
    if image.alpha is not None:
        msg = f"{where} has transparent pixels; expected only grey values."
        raise CorruptError(msg, hint=hint)
    pixels = _to_levels(image.grey, 255)
    if max(pixels) > model.highest:
        msg = (
            f"{where} contains the value {max(pixels)}; the maximum of a pixel is {model.highest}."
        )
        raise CorruptError(msg, hint=hint)
    return NormalizedImage(pixels, "; ".join([*image.notes, "as it is"]))


def _scaled(image: Image, model: Model) -> NormalizedImage:
    """Return the image scaled to the shape; with the fit "pad", with its proportions."""
    grey, shape = _on_white(image), model.shape
    rows, columns = shape
    if model.fit == "pad":
        scale = min(side / length for side, length in zip(shape, image.size))
        rows, columns = (max(round(length * scale), 1) for length in image.size)
    values = resized(grey, rows, columns)
    steps = [*image.notes]
    if image.size != (rows, columns):
        steps.append(f"scaled from {_size_text(image.size)} to {_size_text((rows, columns))}")
    if (rows, columns) != shape:
        steps.append("padded with the grey of its border")
        values = _padded(values, shape, _border_grey(grey))
    return NormalizedImage(_to_levels(values, model.highest), "; ".join(steps))


def _on_white(image: Image) -> Grid:
    """Return the grey values; transparent pixels are white."""
    if image.alpha is None:
        return image.grey
    return [_blended(row, alpha) for row, alpha in zip(image.grey, image.alpha)]


def _blended(row: list[float], alpha: list[float]) -> list[float]:
    ink = rounded(value * opacity for value, opacity in zip(row, alpha))
    return rounded(map(float.__add__, ink, rounded(1 - opacity for opacity in alpha)))


def _border_grey(grey: Grid) -> float:
    return median(grey[0] + grey[-1] + [row[0] for row in grey] + [row[-1] for row in grey])


def _padded(values: Grid, shape: tuple[int, int], grey: float) -> Grid:
    """Return the values in the middle of a canvas of one grey."""
    top, left = (shape[0] - len(values)) // 2, (shape[1] - len(values[0])) // 2
    canvas = [[grey] * shape[1] for _ in range(shape[0])]
    for line, row in zip(canvas[top:], values):
        line[left : left + len(row)] = row
    return canvas


def _to_levels(grey: Grid, highest: int) -> bytes:
    return to_bytes([rounded(value * highest for value in row) for row in grey])


def _size_text(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
