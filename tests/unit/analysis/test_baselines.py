"""scikit-learn as a baseline: it learns the same parameters as zoo."""

import sys
from collections.abc import Mapping
from typing import Any

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
    learned,
    on_digits,
    ticks,
    zoo_training,
)
from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.analysis.baselines import common, is_not_installed, train_baseline, unsupported_reason
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError, ZooError
from zoo.nn.buffers import Array

FEW: dict[str, object] = {"data.kind": "digits", "data.split": {"train": 300}}
SAME: dict[str, Mapping[str, object]] = {
    "all-rows": {"data.split": {}},
    "sgd": {},
    "momentum": {"train.optimizer": MOMENTUM, "train.rate": 0.02},
    "nesterov": {"train.optimizer": NESTEROV, "train.rate": 0.02},
    "l2": {"train.l2": 0.01},
    "cosine-warm-up": {"train.schedule": {"kind": "cosine", "warm_up": 0.3}},
    "step": {"train.schedule": {"kind": "step", "every": 50, "factor": 0.5}},
    "no-activation": {"network.block": ["dense"]},
    "sigmoid": {"network.block": ["dense", "sigmoid"]},
    "relu": {"network.block": ["dense", "relu"], **SHORT},
    "two-hidden-layers": {"network.hidden": [9, 8]},
    "no-hidden-layer": {"network.hidden": []},
    "random-biases": {"train.biases": {"kind": "normal", "std": 0.5}},
    "centred-pixels": {"preprocess.mean": 0.3, "preprocess.std": 0.4},
}


@pytest.mark.parametrize("name", SAME)
def test_sklearn_parameters(name: str) -> None:
    """With one batch of all rows scikit-learn learns the same parameters up to rounding."""
    entry = recipe({**WHOLE, **FEW, **SMOOTH, **SAME[name]})
    assert unsupported_reason("sklearn", entry) is None
    assert largest_difference("sklearn", entry) < ROUNDING


def test_sklearn_adam() -> None:
    """Adam adds epsilon elsewhere, and `differs` lists that."""
    changes = {**WHOLE, "train.optimizer": ADAM, "train.rate": 0.01}
    assert 0 < largest_difference("sklearn", recipe(changes)) < 2e-3
    changes["train.iterations"] = 10
    assert on_digits("sklearn", changes).differs == ("epsilon added before Adam's correction",)


class StepRecorder:
    """A record of every step of MLPClassifier, without the first one over blank images."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from sklearn.neural_network import MLPClassifier

        self.first_rows: list[bytes] = []
        self.sizes: list[int] = []
        self.rates: list[float] = []
        backprop = MLPClassifier._backprop  # noqa: SLF001 - nothing public is called at every step

        def recorded(model: Any, pixels: Array, *rest: Any) -> Any:
            if pixels.any():
                self.first_rows.append(pixels[0].tobytes())
                self.sizes.append(len(pixels))
                self.rates.append(model._optimizer.learning_rate)  # noqa: SLF001 - the public rate is not this one
            return backprop(model, pixels, *rest)

        monkeypatch.setattr(MLPClassifier, "_backprop", recorded)


def test_sklearn_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-learn takes the same number of steps, of the same numbers of rows."""
    steps = StepRecorder(monkeypatch)
    # 1797 = 3 * 500 + 297: one epoch of four steps, then two steps of another
    learned("sklearn", recipe({**WHOLE, "train.batch": 500, "train.iterations": 6}))
    assert steps.sizes == [500, 500, 500, 297, 500, 500]


def test_sklearn_shuffle(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-learn shuffles in every epoch."""
    steps = StepRecorder(monkeypatch)
    learned("sklearn", recipe({"train.batch": 1000, "train.epochs": 5}))
    assert len(set(steps.first_rows)) == 10


def test_sklearn_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of an epoch is the mean over its steps."""
    steps = StepRecorder(monkeypatch)
    # four steps an epoch; the first epoch warms up over 0, 0.1, 0.2, 0.3
    learned(
        "sklearn",
        recipe(
            {
                "train.epochs": 2,
                "train.batch": 500,
                "train.rate": 0.4,
                "train.schedule": {"kind": "constant", "warm_up": 0.5},
            }
        ),
    )
    assert steps.rates == pytest.approx([0.15] * 4 + [0.4] * 4, rel=1e-12)


def test_sklearn_accuracy_in_its_own_order() -> None:
    """Batches in another order lead to the same accuracy and loss."""
    changes: dict[str, object] = {"train.epochs": 10}
    result, work = on_digits("sklearn", changes), zoo_training(recipe(changes))
    score = work.training.evaluate(work.splits.train)
    assert result.accuracy == pytest.approx(score.accuracy, abs=0.01)
    assert result.loss == pytest.approx(score.loss, abs=0.03)


@pytest.mark.parametrize(
    ("changes", "phrases"),
    [
        (WHOLE, ()),
        ({**WHOLE, "train.schedule": {"kind": "cosine"}, "train.l2": 0.1}, ()),
        ({}, ("shuffles in its own order",)),
        (
            {"train.schedule": {"kind": "step", "every": 1, "factor": 0.5}},
            ("shuffles in its own order",),
        ),
        (
            {"train.schedule": {"kind": "cosine"}},
            (
                "shuffles in its own order",
                "rate changes once an epoch, not once a step",
            ),
        ),
        (
            {**WHOLE, "train.schedule": {"kind": "cosine"}, "train.optimizer": MOMENTUM},
            ("momentum keeps the rate of earlier steps",),
        ),
        (
            {"train.l2": 0.1},
            (
                "shuffles in its own order",
                "L2 is stronger in the smaller last batch",
            ),
        ),
        ({"train.l2": 0.1, "train.batch": 599}, ("shuffles in its own order",)),  # 1797 = 3 * 599
    ],
)
def test_sklearn_differs(changes: Mapping[str, object], phrases: tuple[str, ...]) -> None:
    """`differs` lists the differences of scikit-learn."""
    fewer = {"train.iterations": 10} if "train.iterations" in changes else {"train.epochs": 2}
    assert on_digits("sklearn", {**changes, **fewer}).differs == phrases


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"network.block": ["dense", "batch_norm", "relu"]}, "does not have batch normalization"),
        (
            {"network.block": ["dense", "relu", {"kind": "dropout", "rate": 0.1}]},
            "does not have dropout",
        ),
        ({"network.input": [{"kind": "dropout", "rate": 0.1}]}, "does not have dropout"),
        ({"network.block": ["dense", "leaky_relu"]}, "does not have leaky ReLU"),
        ({"train.optimizer": "rmsprop"}, "does not have RMSprop"),
        ({"train.optimizer": {"kind": "adamw", "decay": 0.1}}, "does not have AdamW"),
        ({"train.label_smoothing": 0.1}, "does not have label smoothing"),
        *(
            (
                {f"network.{key}": layers},
                "has one activation after each hidden dense layer, and none elsewhere",
            )
            for key, layers in (
                ("block", ["relu", "dense"]),
                ("block", ["dense", "relu", "tanh"]),
                ("input", ["tanh"]),
            )
        ),
    ],
)
def test_sklearn_unsupported(changes: Mapping[str, object], sentence: str) -> None:
    """The reason names what scikit-learn lacks, and the training does not start."""
    entry = recipe(changes)
    assert unsupported_reason("sklearn", entry) == f"MLPClassifier {sentence}."
    with pytest.raises(ConfigError, match=f"MLPClassifier {sentence}"):
        train_baseline("sklearn", entry, digits(), clock=ticks())


def test_torch_unsupported() -> None:
    """PyTorch cannot normalize a batch of a single row."""
    # 1797 = 4 * 449 + 1
    sentence = "PyTorch cannot normalize a batch of a single row, and an epoch has such a batch."
    normalizing: dict[str, object] = {"network.input": ["batch_norm"]}
    assert unsupported_reason("torch", recipe({**normalizing, "train.batch": 4})) == sentence
    assert unsupported_reason("torch", recipe({**normalizing, "train.batch": 1})) == sentence
    assert unsupported_reason("torch", recipe({**normalizing, "train.batch": 8})) is None
    assert unsupported_reason("torch", recipe({**normalizing, "train.batch": None})) is None
    assert unsupported_reason("torch", recipe({"train.batch": 4})) is None


def test_torch_unsupported_counts_the_rows_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of the dataset decide whether a batch has a single row, not the entry's."""
    # PyTorch does not have to be installed
    monkeypatch.setattr(common, "is_not_installed", lambda _: None)
    pool = digits().train
    assert pool.labels is not None
    fewer = Dataset(
        "digits",
        (8, 8),
        10,
        LabeledImages(pool.images[:97], pool.labels[:97]),
        None,
        "fewer",
        "d" * 64,
    )
    entry = recipe({"network.input": ["batch_norm"]})
    assert unsupported_reason("torch", entry) is None
    with pytest.raises(ConfigError, match="cannot normalize a batch of a single row"):
        train_baseline("torch", entry, fewer, clock=ticks())  # 97 = 12 * 8 + 1


def test_sklearn_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interruption is not swallowed."""
    from sklearn.neural_network import MLPClassifier

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MLPClassifier, "_backprop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        on_digits("sklearn")


def test_sklearn_result() -> None:
    """A result has the baseline, its version, the entry, the split and the test's score."""
    import sklearn

    assert_result_complete("sklearn", sklearn.__version__)


@pytest.mark.parametrize(
    ("claimed", "split", "expected"),
    [
        (None, {"validation": 100, "test": 300}, "test"),
        (None, {"validation": 100}, "validation"),
        (None, {}, "train"),
        ("validation", {"validation": 100, "test": 300}, "validation"),
        ("train", {"test": 300}, "train"),
    ],
)
def test_result_split(claimed: str | None, split: dict[str, int], expected: str) -> None:
    """The split is the claim's, or else the last one that exists."""
    claim = {"value": 0.9, "split": claimed, "tolerance": 0.1, "quote": "about 0.9"}
    changes: dict[str, object] = {"data.kind": "digits", "data.split": split, "train.epochs": 1}
    result = on_digits("sklearn", changes | ({"claim": claim} if claimed else {}))
    subsets = zoo_training(recipe(changes)).subsets
    assert result.split == expected
    assert round(result.accuracy * len(subsets[result.split]), 9).is_integer()


def test_sklearn_loss_not_finite() -> None:
    """A loss that is not finite is an error that names scikit-learn."""
    with pytest.raises(ZooError) as caught:
        on_digits("sklearn", {"train.rate": 1e30, "network.hidden": [7, 7]})
    assert str(caught.value) == (
        "The training of scikit-learn on digits-7, seed 0, diverged: the loss is NaN or infinite."
    )


def test_sklearn_numpy_random_state() -> None:
    """NumPy's global random state stays as it was."""
    before = np.random.get_state()  # noqa: NPY002 - the global state is tested
    on_digits("sklearn", {"train.epochs": 1})
    after = np.random.get_state()  # noqa: NPY002 - the global state is tested
    assert str(before) == str(after)


def test_baseline_unknown() -> None:
    """The hint for an unknown baseline lists the known ones."""
    entry = recipe()
    for call in (
        lambda: is_not_installed("jax"),
        lambda: unsupported_reason("jax", entry),
        lambda: train_baseline("jax", entry, digits(), clock=ticks()),
    ):
        with pytest.raises(ConfigError) as caught:
            call()
        assert str(caught.value) == "There is no baseline named 'jax'."
        assert caught.value.hint == "Choose from: sklearn, torch."


@pytest.mark.parametrize(
    ("baseline", "sentence", "hint"),
    [
        ("sklearn", "scikit-learn is not installed.", "Run `pip install scikit-learn`."),
        ("torch", "PyTorch is not installed.", "Run `pip install torch`."),
    ],
)
def test_baseline_not_installed(
    baseline: str, sentence: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A baseline that is not installed is an error with the command that installs it."""
    monkeypatch.setitem(sys.modules, baseline, None)
    assert is_not_installed(baseline) == sentence
    with pytest.raises(ConfigError) as caught:
        train_baseline(baseline, recipe(), digits(), clock=ticks())
    assert (str(caught.value), caught.value.hint) == (sentence, hint)
