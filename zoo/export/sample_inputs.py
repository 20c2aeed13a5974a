"""Sample inputs that verify an export: real rows if they are available without a download."""

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

MIN_COUNT, MAX_COUNT = 1000, 30_000
LARGE = 28, 28
MISSING = 0.2  # of the random numbers for a network that fills in means
MIDDLE = 24  # of 28 pixels; MNIST too has a margin


@dataclass(frozen=True)
class SampleInputs:
    """Rows (n, features), and a description of them for the record of the verification."""

    images: Values
    description: str

    def __len__(self) -> int:
        return len(self.images)


def sample_inputs(entry: Entry, data: Data | None = None) -> SampleInputs:
    """Return the test rows of the data if they are on disk, else similar ones.

    `data` is that of the entry unless it is given.
    """
    source = entry.data.source
    if source.name == "digits":
        return SampleInputs(load_digits().train.images, "all of scikit-learn's digits")
    available = _available_rows(entry, data or entry.data)
    fills_in = bool(
        source.table and source.table.means
    )  # real rows may be without a missing number
    if available and len(available) >= MIN_COUNT and not fills_in:
        return available
    if source.shape == LARGE and not available:
        return SampleInputs(
            enlarged(), f"scikit-learn's digits enlarged to {describe_size(source.shape)}"
        )
    random = _random_inputs(entry)
    if fills_in:
        random[np.random.default_rng(1).random(random.shape) < MISSING] = np.nan
    with_missing = " with missing numbers" if fills_in else ""
    if available:
        return SampleInputs(
            np.concatenate([available.images, random]),
            f"{available.description}, and random ones{with_missing}",
        )
    return SampleInputs(random, f"random {source.noun}s{with_missing}")


def _available_rows(entry: Entry, data: Data) -> SampleInputs | None:
    source = entry.data.source
    try:
        dataset = load(data, locations_from_environment(offline=True))
    except ZooError:
        return None
    pool, which = dataset.train, f"{source.noun}s of {source.title}"
    if dataset.test is not None:
        pool, which = dataset.test, f"test {which}"
    rows = pool.images
    if len(rows) > MAX_COUNT:
        which = f"first {MAX_COUNT:,} {which}"
    return SampleInputs(rows[:MAX_COUNT], f"the {which}")


def samples(entry: Entry, count: int = 3) -> Values:
    """Return rows that may be redistributed: scikit-learn's digits 0, 1, 2 ..., or random ones."""
    source = entry.data.source
    if source.name == "digits":
        return load_digits().train.images[:count]
    return (enlarged() if source.shape == LARGE else _random_inputs(entry))[:count]


def _random_inputs(entry: Entry) -> Values:
    """Return images of noise, or normally distributed rows with the entry's mean and std."""
    rng = np.random.default_rng(0)
    size = MIN_COUNT, entry.data.features
    if entry.data.source.has_images:
        return rng.integers(0, entry.data.source.highest + 1, size, np.uint8)
    preprocess = entry.preprocess
    noise = rng.standard_normal(size)
    values = np.asarray(preprocess.mean) + np.asarray(preprocess.std) * noise
    return (preprocess.divide * values).astype(np.float32)


def enlarged() -> Values:
    """Return scikit-learn's digits enlarged to 28 x 28 pixels, (1797, 784) uint8."""
    digits = load_digits()
    small = digits.train.images.reshape(-1, *digits.shape).astype(np.float64)
    matrix = _interpolation(digits.shape[0], MIDDLE)
    grey = (matrix @ small @ matrix.T * (255 / 16)).round(6)  # halves are exact on every machine
    middle = np.rint(grey).astype(np.uint8)
    return np.pad(middle, ((0, 0), (2, 2), (2, 2))).reshape(len(middle), -1)


def _interpolation(old: int, new: int) -> npt.NDArray[np.float64]:
    """Return the (new, old) matrix of linear interpolation."""
    positions = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    weights: npt.NDArray[np.float64] = 1 - np.abs(positions[:, None] - np.arange(old))
    return np.maximum(0, weights, out=weights)
