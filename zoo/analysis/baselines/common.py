"""The same network and recipe trained by other people's code, for contrast.

A peer starts from zoo's own first weights, on the same rows, pixels and rates. PyTorch then does
the same arithmetic up to rounding; what a peer does otherwise is told by name.
"""

import math
from importlib.metadata import version as installed
from importlib.util import find_spec

import numpy as np

from zoo.analysis.baselines import sklearn, torch
from zoo.analysis.baselines.result import (
    TITLES,
    BaselineResult,
    TrainedBaseline,
    diverged,
    labels_of,
)
from zoo.config import kinds
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.nn.metrics import score
from zoo.training.loop import PreparedTraining, prepare
from zoo.training.recorder import Clock

BASELINES = ("sklearn", "torch")

DISTRIBUTIONS = {"sklearn": "scikit-learn", "torch": "torch"}  # as pip knows them

# what a package brings and a peer gets from zoo
ALWAYS_SUPPORTED = kinds.PluginData | kinds.PluginSchedule | kinds.PluginInitializer

IGNORED_KEYS = {  # keys of a recipe that no peer is asked for
    "augment": "bent pictures",
    "clip": "clipped gradients",
    "average": "averaged weights",
    "patience": "an early end",
}


def is_not_installed(peer: str) -> str | None:
    """Return why the peer cannot be used here, without importing it."""
    _check_known(peer)
    return None if find_spec(peer) else f"{TITLES[peer]} is not installed."


def version(peer: str) -> str:
    """Return the peer's version, without importing it."""
    return installed(DISTRIBUTIONS[peer])


def unsupported_reason(peer: str, entry: Entry) -> str | None:
    """Return why the peer cannot train this entry."""
    _check_known(peer)
    return _unsupported_reason(peer, entry, rows=entry.data.train_rows)


def train_baseline(peer: str, entry: Entry, dataset: Dataset, *, clock: Clock) -> BaselineResult:
    """Return how well the peer trains the entry from its seed."""
    missing = is_not_installed(peer)
    if missing:
        raise ConfigError(missing, hint=f"`pip install {DISTRIBUTIONS[peer]}` brings it.")
    _check_supported(unsupported_reason(peer, entry))
    work = prepare(entry, dataset)
    # a file of Kaggle's may hold other than the rows that the entry counts on
    _check_supported(_unsupported_reason(peer, entry, rows=work.training.rows))
    split = entry.claim.split if entry.claim else list(work.subsets)[-1]
    trained = _trained(peer, work, work.subsets[split], clock=clock)
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that is no number is noticed
        found = score(trained.logits, labels_of(work.subsets[split]))
    if not math.isfinite(found.loss):
        raise diverged(peer, entry)
    return BaselineResult(
        peer=peer,
        version=version(peer),
        entry=entry.name,
        seed=entry.train.seed,
        split=split,
        accuracy=found.accuracy,
        loss=found.loss,
        seconds=trained.seconds,
        differs=trained.differs,
    )


def _check_known(peer: str) -> None:
    if peer not in BASELINES:
        raise ConfigError(
            f"There is no peer named {peer!r} to train for contrast.",
            hint=f"There are: {', '.join(BASELINES)}.",
        )


def _check_supported(in_the_way: str | None) -> None:
    if in_the_way:
        raise ConfigError(in_the_way)


def _unsupported_reason(peer: str, entry: Entry, *, rows: int) -> str | None:
    for _, section in kinds.plugin_kinds(entry):
        if not isinstance(section, ALWAYS_SUPPORTED):
            return f"{TITLES[peer]} has no {section.kind!r}, which a package brings."
    for key, words in IGNORED_KEYS.items():
        if getattr(entry.train, key):
            return f"{TITLES[peer]} is not given {words}, which {entry.name} has."
    return (
        sklearn.unsupported_reason(entry)
        if peer == "sklearn"
        else torch.unsupported_reason(entry, rows=rows)
    )


def _trained(peer: str, work: PreparedTraining, judged: Subset, *, clock: Clock) -> TrainedBaseline:
    train = sklearn.train if peer == "sklearn" else torch.train
    return train(work, judged, clock=clock)
