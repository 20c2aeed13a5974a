"""The real pictures that an export is tried on, none of which is ever downloaded for it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.data.load import load
from zoo.data.places import places_from_environment
from zoo.data.sources import Source, size_words
from zoo.errors import ZooError

LEAST = 1000  # pictures
MIDDLE = 24  # of 28 pixels; around it MNIST too leaves a margin


@dataclass(frozen=True)
class Probes:
    """Pictures in rows, and what they are."""

    images: Bytes
    words: str

    def __len__(self) -> int:
        return len(self.images)


def probes(source: Source) -> Probes:
    """Return the data's own test pictures where they are at hand, else digits enlarged to fit."""
    if source.name == "digits":
        return Probes(load_digits().train.images, "all of scikit-learn's digits")
    found = _at_hand(source)
    if found is None or len(found) < LEAST:
        return Probes(enlarged(), f"scikit-learn's digits enlarged to {size_words(source.shape)}")
    return found


def _at_hand(source: Source) -> Probes | None:
    try:
        dataset = load(source.name, places_from_environment(offline=True))
    except ZooError:
        return None
    if dataset.test is None:
        return Probes(dataset.train.images, f"the pictures of {source.title}")
    return Probes(dataset.test.images, f"the test pictures of {source.title}")


def samples(source: Source) -> Bytes:
    """Return a 0, a 1 and a 2 that may be given away, since they are scikit-learn's."""
    return (load_digits().train.images if source.name == "digits" else enlarged())[:3]


def enlarged() -> Bytes:
    """Return scikit-learn's digits as pictures of 28 x 28 pixels from 0 to 255, in rows."""
    digits = load_digits()
    small = digits.train.images.reshape(-1, *digits.shape).astype(np.float64)
    across = _interpolation(digits.shape[0], MIDDLE)
    middle = np.rint(across @ small @ across.T * (255 / 16)).astype(np.uint8)
    return np.pad(middle, ((0, 0), (2, 2), (2, 2))).reshape(len(middle), -1)


def _interpolation(old: int, new: int) -> npt.NDArray[np.float64]:
    """Return the matrix that draws a line between every two neighbours and reads it elsewhere."""
    places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    shares: npt.NDArray[np.float64] = 1 - np.abs(places[:, None] - np.arange(old))
    return np.maximum(0, shares, out=shares)
