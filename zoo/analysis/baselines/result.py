"""The result of a baseline's training, and what every baseline's training needs."""

from dataclasses import dataclass

import numpy as np

from zoo.config.entry import Entry, SplitName
from zoo.data.splits import Subset
from zoo.errors import ZooError
from zoo.nn.buffers import Array, Labels

TITLES = {"sklearn": "scikit-learn", "torch": "PyTorch"}


@dataclass(frozen=True)
class BaselineResult:
    """How well the network of a peer does, and what the peer does otherwise than zoo."""

    peer: str
    version: str  # of the peer
    entry: str
    seed: int
    split: SplitName  # the one that the claim speaks of; without a claim, the last that there is
    accuracy: float
    loss: float  # the mean cross-entropy there
    seconds: float  # of the training alone
    differs: tuple[str, ...]  # empty where it is the same arithmetic


@dataclass(frozen=True)
class TrainedBaseline:
    """What a peer has learned, and its answers."""

    arrays: list[Array]  # in the order of Network.named_arrays
    logits: Array  # of the pictures that it is judged on
    seconds: float
    differs: tuple[str, ...]


def diverged(peer: str, entry: Entry) -> ZooError:
    """Return the error for a loss that became NaN or infinite."""
    return ZooError(
        f"The loss of {TITLES[peer]} on {entry.name}, seed {entry.train.seed}, "
        "is no finite number any more.",
        hint="A smaller rate helps most often.",
    )


def pixels_of(entry: Entry, part: Subset) -> Array:
    """Return the preprocessed pictures of a part in its order, a row each."""
    pixels = part.images[part.rows].astype(np.float32)
    pixels *= entry.preprocess.scale
    pixels += entry.preprocess.shift
    return pixels


def labels_of(part: Subset) -> Labels:
    """Return the labels of a subset in its order, (n,) intp."""
    return part.labels[part.rows].astype(np.intp)
