"""Preprocessing of an image: normalized like the training data, or taken as it is."""

from __future__ import annotations

from .constants import MNIST
from .normalize import as_mnist, unprocessed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .normalize import NormalizedImage


def normalize(
    image: Image, shape: tuple[int, int], *, preprocess: str, where: str
) -> NormalizedImage:
    """Return the image in the form of the training data; `where` names it in errors."""
    if preprocess == "none":
        return unprocessed(image, shape, where=where)
    if shape == MNIST:
        return as_mnist(image, where=where)
    from .normalize_digits import as_digits

    return as_digits(image, where=where)
