"""Images of any size in the form of the training data: centred, scaled, padded or as they are."""

import numpy as np

from zoo.config.dataset_info import Source, describe_size
from zoo.data.dataset import Bytes
from zoo.data.images.decode import DecodedImage, Floats
from zoo.data.images.normalize import (
    NormalizedImage,
    Preprocess,
    normalize,
    resized,
    unprocessed,
)
from zoo.errors import CorruptFileError, ZooError


def in_form(
    decoded: DecodedImage, source: Source, *, preprocess: Preprocess | None, where: str
) -> NormalizedImage:
    """Return the image in the form of a dataset's images; `where` names it in errors."""
    if source.fit == "ink":
        image = normalize(decoded, source.shape, preprocess=preprocess or "auto", where=where)
    elif source.fit == "none" or preprocess == "none":
        try:
            image = unprocessed(decoded, source.shape, where=where, highest=source.highest)
        except ZooError as error:
            error.hint = as_they_are(source)
            raise
    else:
        image = _scaled(decoded, source)
    if image.image.max() > source.highest:
        raise CorruptFileError(
            f"{where} contains a value above the maximum of a pixel, {source.highest}."
        )
    return image


def as_they_are(source: Source) -> str:
    """Return a hint about images that cannot be made to fit."""
    return f"zoo normalizes digits; images for {source.name} are taken as they are."


def _scaled(decoded: DecodedImage, source: Source) -> NormalizedImage:
    """Return the image scaled to the shape; with the fit "pad", with its proportions."""
    grey = _on_white(decoded)
    rows, columns = source.shape
    if source.fit == "pad":
        scale = min(side / length for side, length in zip(source.shape, grey.shape, strict=True))
        rows, columns = (max(round(length * scale), 1) for length in grey.shape)
    values = resized(grey, rows, columns)
    steps = [*decoded.notes]
    if grey.shape != (rows, columns):
        steps.append(f"scaled from {describe_size(grey.shape)} to {describe_size((rows, columns))}")
    if (rows, columns) != source.shape:
        steps.append("padded with the grey of its border")
        border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        canvas = np.full(source.shape, np.median(border), np.float32)
        top, left = (source.shape[0] - rows) // 2, (source.shape[1] - columns) // 2
        canvas[top : top + rows, left : left + columns] = values
        values = canvas
    return NormalizedImage(_to_levels(values, source.highest), "; ".join(steps))


def _on_white(decoded: DecodedImage) -> Floats:
    """Return the grey values; transparent pixels are white, as most programs show them."""
    if decoded.alpha is None:
        return decoded.grey
    on_white: Floats = decoded.grey * decoded.alpha + (1 - decoded.alpha)
    return on_white


def _to_levels(grey: Floats, highest: int) -> Bytes:
    return (grey * highest).round().astype(np.uint8)
