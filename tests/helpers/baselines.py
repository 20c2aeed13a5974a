"""Trainings by zoo and by a baseline, side by side."""

from collections.abc import Callable, Mapping
from itertools import count

import numpy as np
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.analysis.baselines import BaselineResult, train_baseline
from zoo.analysis.baselines.common import _trained
from zoo.config.entry import Entry
from zoo.nn.buffers import Array
from zoo.training.loop import PreparedTraining, prepare

WHOLE = {"train.epochs": None, "train.batch": None, "train.iterations": 100}
ADAM = {"kind": "adam", "beta1": 0.8, "beta2": 0.99}
MOMENTUM = {"kind": "sgd", "momentum": 0.9}
NESTEROV = {"kind": "sgd", "momentum": 0.9, "nesterov": True}

# The parameters move by 0.5 to 4. The largest difference measured is 1.9e-5, where AdamW's factor
# 1 - rate * decay is rounded to 32 bits.
ROUNDING = 2e-4

# Where z is nearly 0, rounding decides on which side of a ReLU's bend it lies, and one such z has
# moved parameters by 0.04 on another processor. Long trainings are compared with a smooth function.
SMOOTH = {"network.block": ["dense", "tanh"]}
SHORT = {"train.epochs": None, "train.batch": None, "train.iterations": 5}


def ticks() -> Callable[[], float]:
    """Return a clock that goes on by a second whenever it is read."""
    return count().__next__


def ended(entry: Entry) -> PreparedTraining:
    """Return zoo's own training of an entry on the digits, at its end."""
    work = prepare(entry, digits())
    for _ in work.training:
        pass
    return work


def learned(baseline: str, entry: Entry) -> list[Array]:
    """Return the parameters that a baseline has learned from the digits."""
    work = prepare(entry, digits())
    return _trained(baseline, work, work.splits.train, clock=ticks()).arrays


def largest_difference(baseline: str, entry: Entry) -> float:
    """Return the largest difference between what zoo and a baseline have learned."""
    pairs = zip(ended(entry).network.named_arrays(), learned(baseline, entry), strict=True)
    return max(float(np.abs(ours - theirs).max()) for (_, ours), theirs in pairs)


def on_digits(baseline: str, changes: Mapping[str, object] | None = None) -> BaselineResult:
    """Return how well a baseline does on the digits, beside the plainest entry with changes."""
    return train_baseline(baseline, recipe(changes), digits(), clock=ticks())


def assert_contrast_complete(baseline: str, version: str) -> None:
    """Check that a contrast holds the baseline, its version, the entry, the split and the score."""
    changes = {**WHOLE, "train.seed": 7, "data.kind": "digits", "data.split": {"test": 360}}
    found, ours = on_digits(baseline, changes), ended(recipe(changes))
    score = ours.training.evaluate(ours.subsets["test"])
    assert found == BaselineResult(
        peer=baseline,
        version=version,
        entry="digits-7",
        seed=7,
        split="test",
        accuracy=score.accuracy,
        loss=found.loss,
        seconds=1,
        differs=(),
    )
    assert found.loss == pytest.approx(score.loss, abs=1e-5)
