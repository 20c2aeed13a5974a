"""Preprocessing of an image: normalized like the training data, or taken as it is."""

from __future__ import annotations

from .normalize import MNIST, as_it_is, as_mnist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Picture
    from .normalize import Drawn


def drawn(picture: Picture, shape: tuple[int, int], *, preprocess: str, where: str) -> Drawn:
    """Return the picture in the shape of the training data; `where` names it in errors."""
    if preprocess == "none":
        return as_it_is(picture, shape, where=where)
    if shape == MNIST:
        return as_mnist(picture, where=where)
    from .normalize_digits import as_digits

    return as_digits(picture, where=where)
