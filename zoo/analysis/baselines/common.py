"""Training of an entry by a baseline: checks, dispatch and scores.

A baseline starts from zoo's own initial weights and trains on the same rows, pixels and rates.
PyTorch then does the same arithmetic up to rounding; `differs` of the result lists every
difference.
"""

import math
from importlib.metadata import version as distribution_version
from importlib.util import find_spec

import numpy as np

from zoo.analysis.baselines import sklearn, torch
from zoo.analysis.baselines.result import (
    TITLES,
    BaselineResult,
    FittedBaseline,
    diverged,
    labels_of,
)
from zoo.config.base import iter_plugin_kinds
from zoo.config.datasets import PluginData
from zoo.config.entry import Entry
from zoo.config.layers import PluginInitializer
from zoo.config.optimization import PluginSchedule
from zoo.data.dataset import Dataset
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.nn.metrics import score
from zoo.training.prepare import PreparedTraining, prepare
from zoo.training.recorder import Clock

BASELINES = ("sklearn", "torch")

DISTRIBUTIONS = {"sklearn": "scikit-learn", "torch": "torch"}  # their names on PyPI

# a baseline takes the plugin's data, rates and initial weights from zoo
ALWAYS_SUPPORTED = PluginData | PluginSchedule | PluginInitializer

IGNORED_KEYS = {  # recipe keys that are not passed to any baseline
    "augment": "augmented images",
    "clip": "clipped gradients",
    "average": "averaged weights",
    "patience": "early stopping",
}


def is_not_installed(baseline: str) -> str | None:
    """Return why the baseline cannot be used, without importing it; None if it can."""
    _check_name(baseline)
    return None if find_spec(baseline) else f"{TITLES[baseline]} is not installed."


def version(baseline: str) -> str:
    """Return the baseline's version, without importing it."""
    return distribution_version(DISTRIBUTIONS[baseline])


def unsupported_reason(baseline: str, entry: Entry) -> str | None:
    """Return why the baseline cannot train this entry, or None."""
    _check_name(baseline)
    return _unsupported_reason(baseline, entry, rows=entry.data.train_rows)


def train_baseline(
    baseline: str, entry: Entry, dataset: Dataset, *, clock: Clock
) -> BaselineResult:
    """Return the scores of the baseline after training the entry from its seed."""
    missing = is_not_installed(baseline)
    if missing:
        raise ConfigError(missing, hint=f"Run `pip install {DISTRIBUTIONS[baseline]}`.")
    _check_supported(unsupported_reason(baseline, entry))
    work = prepare(entry, dataset)
    # a Kaggle file may have another number of rows than the entry expects
    _check_supported(_unsupported_reason(baseline, entry, rows=work.training.batches.rows))
    split = entry.claim.split if entry.claim else list(work.subsets)[-1]
    fitted = fit_baseline(baseline, work, work.subsets[split], clock=clock)
    with np.errstate(over="ignore", invalid="ignore"):  # the next line checks for NaN
        scores = score(fitted.logits, labels_of(work.subsets[split]))
    if not math.isfinite(scores.loss):
        raise diverged(baseline, entry)
    return BaselineResult(
        peer=baseline,
        version=version(baseline),
        entry=entry.name,
        seed=entry.train.seed,
        split=split,
        accuracy=scores.accuracy,
        loss=scores.loss,
        seconds=fitted.seconds,
        differs=fitted.differs,
    )


def fit_baseline(
    baseline: str, work: PreparedTraining, evaluated: Subset, *, clock: Clock
) -> FittedBaseline:
    """Return the trained parameters and the logits of the evaluated subset."""
    train = sklearn.train if baseline == "sklearn" else torch.train
    return train(work, evaluated, clock=clock)


def _check_name(baseline: str) -> None:
    if baseline not in BASELINES:
        raise ConfigError(
            f"There is no baseline named {baseline!r}.",
            hint=f"Choose from: {', '.join(BASELINES)}.",
        )


def _check_supported(reason: str | None) -> None:
    if reason:
        raise ConfigError(reason)


def _unsupported_reason(baseline: str, entry: Entry, *, rows: int) -> str | None:
    for _, section in iter_plugin_kinds(entry):
        if not isinstance(section, ALWAYS_SUPPORTED):
            return f"{TITLES[baseline]} does not have {section.kind!r}, which a plugin provides."
    for key, phrase in IGNORED_KEYS.items():
        if getattr(entry.train, key):
            return f"{TITLES[baseline]} is not trained with {phrase}, which {entry.name} has."
    return (
        sklearn.unsupported_reason(entry)
        if baseline == "sklearn"
        else torch.unsupported_reason(entry, rows=rows)
    )
