"""The result of a baseline's training, and helpers of both baselines."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from zoo.config.entry import Entry, SplitName
from zoo.data.splits import Subset
from zoo.errors import ZooError
from zoo.nn.buffers import Array, Labels

TITLES = {"sklearn": "scikit-learn", "torch": "PyTorch"}


@dataclass(frozen=True)
class BaselineResult:
    """The scores of a baseline's network, and the differences from zoo's training."""

    __pydantic_config__: ClassVar = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    peer: str  # a name from BASELINES
    version: str  # the version of the baseline
    entry: str
    seed: int
    split: SplitName  # the claim's split; without a claim, the last one that exists
    accuracy: Annotated[float, Field(ge=0, le=1)]
    loss: Annotated[float, Field(ge=0)]  # the mean cross-entropy on that split
    seconds: Annotated[float, Field(ge=0)]  # the duration of the training alone
    differs: tuple[str, ...]  # empty if the arithmetic is the same


@dataclass(frozen=True)
class FittedBaseline:
    """The trained parameters of a baseline, and its logits."""

    arrays: list[Array]  # in the order of Network.named_arrays
    logits: Array  # (n, classes), of the evaluated images
    seconds: float
    differs: tuple[str, ...]


def diverged(baseline: str, entry: Entry) -> ZooError:
    """Return the error for a loss that became NaN or infinite."""
    return ZooError(
        f"The training of {TITLES[baseline]} on {entry.name}, seed {entry.train.seed}, "
        "diverged: the loss is NaN or infinite.",
        hint="Use a smaller learning rate.",
    )


def pixels_of(entry: Entry, part: Subset) -> Array:
    """Return the preprocessed images of a subset in its order, (n, features) float32."""
    pixels = part.images[part.rows].astype(np.float32)
    preprocess = entry.preprocess
    if preprocess.column_means:
        pixels -= np.array(preprocess.column_means, np.float32)
    pixels *= preprocess.scale
    pixels += preprocess.shift
    return pixels


def labels_of(part: Subset) -> Labels:
    """Return the labels of a subset in its order, (n,) intp."""
    return part.labels[part.rows].astype(np.intp)
