"""Normalization of a digit in any image to the form of MNIST or of scikit-learn's digits."""

from __future__ import annotations

from .constants import MNIST
from .normalize import as_mnist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .normalize import NormalizedImage


def normalize(image: Image, shape: tuple[int, int], *, where: str) -> NormalizedImage:
    """Return the image in the form of the training data; `where` names it in errors."""
    if shape == MNIST:
        return as_mnist(image, where=where)
    from .normalize_digits import as_digits

    return as_digits(image, where=where)
