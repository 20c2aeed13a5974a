"""Trainings by zoo and by a baseline, side by side."""

from collections.abc import Callable, Mapping
from itertools import count

import numpy as np
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.analysis.baselines import BaselineResult, train_baseline
from zoo.analysis.baselines.common import fit_baseline
from zoo.config.entry import Entry
from zoo.nn.buffers import Array
from zoo.training.prepare import PreparedTraining, prepare

WHOLE = {"train.epochs": None, "train.batch": None, "train.iterations": 100}
ADAM = {"kind": "adam", "beta1": 0.8, "beta2": 0.99}
MOMENTUM = {"kind": "sgd", "momentum": 0.9}
NESTEROV = {"kind": "sgd", "momentum": 0.9, "nesterov": True}

# The parameters move by 0.5 to 4. The largest difference measured is 1.9e-5, where AdamW's factor
# 1 - rate * decay is rounded to 32 bits.
ROUNDING = 2e-4

# Where z is nearly 0, rounding decides on which side of a ReLU's kink it lies, and one such z has
# moved parameters by 0.04 on another processor. Long trainings are compared with a smooth function.
SMOOTH = {"network.block": ["dense", "tanh"]}
SHORT = {"train.epochs": None, "train.batch": None, "train.iterations": 5}


def ticks() -> Callable[[], float]:
    """Return a clock that advances by a second at every reading."""
    return count().__next__


def zoo_training(entry: Entry) -> PreparedTraining:
    """Return zoo's completed training of an entry on the digits."""
    work = prepare(entry, digits())
    for _ in work.training:
        pass
    return work


def learned(baseline: str, entry: Entry) -> list[Array]:
    """Return a baseline's parameters after training on the digits."""
    work = prepare(entry, digits())
    return fit_baseline(baseline, work, work.splits.train, clock=ticks()).arrays


def largest_difference(baseline: str, entry: Entry) -> float:
    """Return the largest difference between zoo's and a baseline's trained parameters."""
    pairs = zip(zoo_training(entry).network.named_arrays(), learned(baseline, entry), strict=True)
    return max(float(np.abs(array - other).max()) for (_, array), other in pairs)


def on_digits(baseline: str, changes: Mapping[str, object] | None = None) -> BaselineResult:
    """Return a baseline's result on the digits for the plainest entry with changes."""
    return train_baseline(baseline, recipe(changes), digits(), clock=ticks())


def assert_result_complete(baseline: str, version: str) -> None:
    """Check that a result has the baseline, its version, the entry, the split and the score."""
    changes = {**WHOLE, "train.seed": 7, "data.kind": "digits", "data.split": {"test": 360}}
    result, work = on_digits(baseline, changes), zoo_training(recipe(changes))
    score = work.training.evaluate(work.subsets["test"])
    assert result == BaselineResult(
        peer=baseline,
        version=version,
        entry="digits-7",
        seed=7,
        split="test",
        accuracy=score.accuracy,
        loss=result.loss,
        seconds=1,
        differs=(),
    )
    assert result.loss == pytest.approx(score.loss, abs=1e-5)
