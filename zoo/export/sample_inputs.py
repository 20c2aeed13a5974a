"""The rows that an export is tried on: real ones, none of which is ever downloaded for it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import describe_size
from zoo.config.datasets import Data
from zoo.config.entry import Entry
from zoo.data.dataset import Values
from zoo.data.digits import load_digits
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.errors import ZooError

LEAST = 1000  # pictures
LARGE = 28, 28
MIDDLE = 24  # of 28 pixels; around it MNIST too leaves a margin


@dataclass(frozen=True)
class SampleInputs:
    """Pictures or a table's rows, and what they are."""

    images: Values
    description: str

    def __len__(self) -> int:
        return len(self.images)


def sample_inputs(entry: Entry) -> SampleInputs:
    """Return the data's own test rows where they are at hand, else what looks like them."""
    source = entry.data.source
    if source.name == "digits":
        return SampleInputs(load_digits().train.images, "all of scikit-learn's digits")
    found = _available_images(entry.data)
    if found and len(found) >= LEAST:
        return found
    if source.shape == LARGE:
        return SampleInputs(
            enlarged(), f"scikit-learn's digits enlarged to {describe_size(source.shape)}"
        )
    drawn = _random_inputs(entry)
    if found:
        return SampleInputs(
            np.concatenate([found.images, drawn]), f"{found.description}, and others by chance"
        )
    return SampleInputs(drawn, f"{source.noun}s drawn by chance")


def _available_images(data: Data) -> SampleInputs | None:
    source = data.source
    try:
        dataset = load(data, locations_from_environment(offline=True))
    except ZooError:
        return None
    if dataset.test is None:
        return SampleInputs(dataset.train.images, f"the {source.noun}s of {source.title}")
    return SampleInputs(dataset.test.images, f"the test {source.noun}s of {source.title}")


def samples(entry: Entry, count: int = 3) -> Values:
    """Return rows that may be given away: a 0, a 1, a 2 ... of scikit-learn, or chance's."""
    source = entry.data.source
    if source.name == "digits":
        return load_digits().train.images[:count]
    return (enlarged() if source.shape == LARGE else _random_inputs(entry))[:count]


def _random_inputs(entry: Entry) -> Values:
    """Return pictures of noise, or numbers as far from the mean as the entry expects them."""
    rng = np.random.default_rng(0)
    size = LEAST, entry.data.features
    if entry.data.source.has_images:
        return rng.integers(0, entry.data.source.highest + 1, size, np.uint8)
    chosen = entry.preprocess
    values = np.asarray(chosen.mean) + np.asarray(chosen.std) * rng.standard_normal(size)
    return (chosen.divide * values).astype(np.float32)


def enlarged() -> Values:
    """Return scikit-learn's digits as pictures of 28 x 28 pixels from 0 to 255, in rows."""
    digits = load_digits()
    small = digits.train.images.reshape(-1, *digits.shape).astype(np.float64)
    across = _interpolation(digits.shape[0], MIDDLE)
    grey = (across @ small @ across.T * (255 / 16)).round(6)  # halves on every machine
    middle = np.rint(grey).astype(np.uint8)
    return np.pad(middle, ((0, 0), (2, 2), (2, 2))).reshape(len(middle), -1)


def _interpolation(old: int, new: int) -> npt.NDArray[np.float64]:
    """Return the matrix that draws a line between every two neighbours and reads it elsewhere."""
    places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    shares: npt.NDArray[np.float64] = 1 - np.abs(places[:, None] - np.arange(old))
    return np.maximum(0, shares, out=shares)
