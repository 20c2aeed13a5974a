"""PyTorch as a baseline: it learns the same parameters as zoo."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.helpers.baselines import (
    ADAM,
    MOMENTUM,
    NESTEROV,
    ROUNDING,
    SHORT,
    SMOOTH,
    WHOLE,
    assert_result_complete,
    largest_difference,
    on_digits,
    zoo_training,
)
from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from tests.helpers.optional import torch
from zoo.analysis.baselines import train_baseline
from zoo.errors import ZooError

RATE = {"train.rate": 0.001}  # for optimizers that normalize the gradient
ADAMW = {"kind": "adamw", "decay": 0.5}
DROPOUT = ["dense", "relu", {"kind": "dropout", "rate": 0.2}]

SAME: dict[str, Mapping[str, object]] = {
    "odd-last-batch": {},
    "momentum": {"train.optimizer": MOMENTUM, "train.rate": 0.02},
    "nesterov": {"train.optimizer": NESTEROV, "train.rate": 0.02},
    "rmsprop": {"train.optimizer": {"kind": "rmsprop", "decay": 0.95}, **RATE},
    "adam": {"train.optimizer": ADAM, **RATE},
    "adamw": {"train.optimizer": ADAMW, **RATE},
    "l2": {"train.l2": 0.01},
    "l2-adamw": {"train.optimizer": ADAMW, "train.l2": 0.1, **RATE},
    "l2-adam": {"train.optimizer": ADAM, "train.l2": 0.1, **RATE},
    "smoothing": {"train.label_smoothing": 0.1},
    "cosine-warm-up": {"train.schedule": {"kind": "cosine", "warm_up": 0.3}},
    "step": {"train.schedule": {"kind": "step", "every": 1, "factor": 0.5}},
    "exponential": {"train.schedule": {"kind": "exponential", "factor": 0.5}},
    "batch-norm": {"network.block": ["dense", {"kind": "batch_norm", "momentum": 0.8}, "tanh"]},
    "batch-norm-of-pixels": {"network.input": ["batch_norm"]},
    "relu": {"network.block": ["dense", "relu"], **SHORT},
    "leaky-relu": {"network.block": ["dense", {"kind": "leaky_relu", "leak": 0.2}], **SHORT},
    "sigmoid": {"network.block": ["dense", "sigmoid"]},
    "two-hidden-layers": {"network.hidden": [9, 8]},
    "no-hidden-layer": {"network.hidden": []},
    "random-biases": {"train.biases": {"kind": "normal", "std": 0.5}},
    "centred-pixels": {"preprocess.mean": 0.3, "preprocess.std": 0.4},
    "splits": {"data.kind": "digits", "data.split": {"train": 500, "validation": 100, "test": 300}},
    "iterations": WHOLE,
    "iterations-within-an-epoch": {**WHOLE, "train.batch": 16, "train.iterations": 300},
}


@pytest.mark.parametrize("name", SAME)
def test_torch_parameters(name: str) -> None:
    """PyTorch trains the same parameters up to rounding."""
    torch()
    assert largest_difference("torch", recipe({**SMOOTH, **SAME[name]})) < ROUNDING


def test_torch_differs() -> None:
    """PyTorch differs only in the masks of dropout."""
    torch()
    assert on_digits("torch").differs == ()
    assert on_digits("torch", {"network.block": DROPOUT}).differs == (
        "drops other values in dropout",
    )


def test_torch_dropout() -> None:
    """PyTorch applies dropout only in training, by the seed of the entry."""
    pytorch = torch()
    changes = {"network.hidden": [32], "network.block": DROPOUT}
    first = on_digits("torch", changes)
    with pytorch.random.fork_rng(devices=[]):
        pytorch.rand(1)  # the earlier random state has no effect
        again = on_digits("torch", changes)
    trained = zoo_training(recipe(changes))
    assert first == again
    assert first.accuracy == pytest.approx(
        trained.training.evaluate(trained.splits.train).accuracy, abs=0.02
    )
    assert largest_difference("torch", recipe(changes)) > 0.05  # dropout had an effect


def test_torch_random_state_and_threads() -> None:
    """PyTorch's random state and number of threads stay as they were."""
    pytorch = torch()
    threads, during = pytorch.get_num_threads(), []
    state = pytorch.get_rng_state()

    def clock() -> float:
        during.append(pytorch.get_num_threads())
        return 0.0

    pytorch.set_num_threads(2)
    try:
        block = ["dense", {"kind": "dropout", "rate": 0.5}]
        train_baseline("torch", recipe({"network.block": block}), digits(), clock=clock)
        after = pytorch.get_num_threads()
    finally:
        pytorch.set_num_threads(threads)
    assert (during, after) == ([1, 1], 2)
    assert pytorch.equal(pytorch.get_rng_state(), state)


def test_torch_numpy_random_state() -> None:
    """NumPy's global random state stays as it was."""
    torch()
    before = np.random.get_state()  # noqa: NPY002 - the test is about the global state
    on_digits("torch", {"train.epochs": 1})
    after = np.random.get_state()  # noqa: NPY002 - the test is about the global state
    assert str(before) == str(after)


def test_torch_result() -> None:
    """A result has the baseline, its version, the entry, the split and the test's score."""
    assert_result_complete("torch", torch().__version__)


def test_torch_loss_not_finite() -> None:
    """A loss that is not finite is an error that names PyTorch."""
    torch()
    with pytest.raises(ZooError) as caught:
        on_digits("torch", {"train.rate": 1e30, "network.hidden": [7, 7]})
    assert str(caught.value) == (
        "The training of PyTorch on digits-7, seed 0, diverged: the loss is NaN or infinite."
    )
