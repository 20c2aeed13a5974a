"""Peers beside zoo: the same parameters after the same training, and what differs by name."""

import sys
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from tests.helpers.entries import recipe
from zoo.config import Entry
from zoo.contrast import PEERS, Contrast, _trained, contrast, obstacle, unavailable
from zoo.data.dataset import Dataset, Pool
from zoo.data.digits import load_digits
from zoo.errors import ConfigError, ZooError
from zoo.nn.arrays import Array
from zoo.training import Work, prepare

WHOLE = {"train.epochs": None, "train.batch": None, "train.iterations": 100}
RATE = {"train.rate": 0.001}  # for what divides by the gradient's size
ADAM = {"kind": "adam", "beta1": 0.8, "beta2": 0.99}
ADAMW = {"kind": "adamw", "decay": 0.5}
MOMENTUM = {"kind": "sgd", "momentum": 0.9}
NESTEROV = {"kind": "sgd", "momentum": 0.9, "nesterov": True}

# The parameters move by 0.5 to 4. What was measured is 2.4e-6 at most, but 1.9e-5 where AdamW's
# factor 1 - rate * decay is rounded to 32 bits, and 3e-5 where a ReLU's z of nearly 0 was rounded
# to the other side, as it may be anywhere under another BLAS.
ROUNDING = 2e-4

AS_PYTORCH: dict[str, Mapping[str, object]] = {
    "an odd last batch": {},
    "momentum": {"train.optimizer": MOMENTUM, "train.rate": 0.02},
    "nesterov": {"train.optimizer": NESTEROV, "train.rate": 0.02},
    "rmsprop": {"train.optimizer": {"kind": "rmsprop", "decay": 0.95}, **RATE},
    "adam": {"train.optimizer": ADAM, **RATE},
    "adamw": {"train.optimizer": ADAMW, **RATE},
    "l2": {"train.l2": 0.01},
    "l2 in adamw": {"train.optimizer": ADAMW, "train.l2": 0.1, **RATE},
    "l2 in adam": {"train.optimizer": ADAM, "train.l2": 0.1, **RATE},
    "smoothing": {"train.label_smoothing": 0.1},
    "cosine after a warm-up": {"train.schedule": {"kind": "cosine", "warm_up": 0.3}},
    "step": {"train.schedule": {"kind": "step", "every": 1, "factor": 0.5}},
    "exponential": {"train.schedule": {"kind": "exponential", "factor": 0.5}},
    "batch norm": {"network.block": ["dense", {"kind": "batch_norm", "momentum": 0.8}, "relu"]},
    "batch norm of pixels": {"network.input": ["batch_norm"]},
    "leaky relu": {"network.block": ["dense", {"kind": "leaky_relu", "leak": 0.2}]},
    "sigmoid": {"network.block": ["dense", "sigmoid"]},
    "tanh": {"network.block": ["dense", "tanh"]},
    "two hidden layers": {"network.hidden": [9, 8]},
    "no hidden layer": {"network.hidden": []},
    "biases that start anywhere": {"train.biases": {"kind": "normal", "std": 0.5}},
    "pixels around 0": {"preprocess.mean": 0.3, "preprocess.std": 0.4},
    "splits": {"data.kind": "digits", "data.split": {"train": 500, "validation": 100, "test": 300}},
    "iterations": WHOLE,
    "iterations that end within an epoch": {**WHOLE, "train.batch": 16, "train.iterations": 300},
}
AS_SCIKIT_LEARN: dict[str, Mapping[str, object]] = {
    "sgd": {},
    "momentum": {"train.optimizer": MOMENTUM, "train.rate": 0.02},
    "nesterov": {"train.optimizer": NESTEROV, "train.rate": 0.02},
    "l2": {"train.l2": 0.01},
    "cosine after a warm-up": {"train.schedule": {"kind": "cosine", "warm_up": 0.3}},
    "step": {"train.schedule": {"kind": "step", "every": 50, "factor": 0.5}},
    "no bend": {"network.block": ["dense"]},
    "sigmoid": {"network.block": ["dense", "sigmoid"]},
    "tanh": {"network.block": ["dense", "tanh"]},
    "two hidden layers": {"network.hidden": [9, 8]},
    "no hidden layer": {"network.hidden": []},
    "biases that start anywhere": {"train.biases": {"kind": "normal", "std": 0.5}},
    "pixels around 0": {"preprocess.mean": 0.3, "preprocess.std": 0.4},
    "a few rows": {"data.kind": "digits", "data.split": {"train": 500}},
}


@cache
def digits() -> Dataset:
    return load_digits()


def ticks() -> Callable[[], float]:
    """Return a clock that goes on by a second whenever it is read."""
    return count().__next__


def torch_or_skip() -> Any:  # noqa: ANN401 - its types are there only where it is installed
    return pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")


def ended(entry: Entry) -> Work:
    """Return zoo's own training of an entry on the digits, at its end."""
    work = prepare(entry, digits())
    for _ in work.training:
        pass
    return work


def learned(peer: str, entry: Entry) -> list[Array]:
    work = prepare(entry, digits())
    return _trained(peer, work, work.splits.train, clock=ticks()).arrays


def farthest(peer: str, entry: Entry) -> float:
    """Return the largest difference between what zoo and a peer have learned."""
    pairs = zip(ended(entry).network.named_arrays(), learned(peer, entry), strict=True)
    return max(float(np.abs(ours - theirs).max()) for (_, ours), theirs in pairs)


def on_digits(peer: str, changes: Mapping[str, object] | None = None) -> Contrast:
    return contrast(peer, recipe(changes), digits(), clock=ticks())


# --- PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AS_PYTORCH)
def test_pytorch_learns_the_same_parameters(name: str) -> None:
    torch_or_skip()
    assert farthest("torch", recipe(AS_PYTORCH[name])) < ROUNDING


def test_pytorch_differs_in_nothing_but_the_masks_of_dropout() -> None:
    torch_or_skip()
    block = ["dense", "relu", {"kind": "dropout", "rate": 0.2}]
    assert on_digits("torch").differs == ()
    assert on_digits("torch", {"network.block": block}).differs == (
        "drops other values in dropout",
    )


def test_pytorch_drops_in_training_alone_and_by_the_seed() -> None:
    torch = torch_or_skip()
    block = ["dense", "relu", {"kind": "dropout", "rate": 0.2}]
    changes = {"network.hidden": [32], "network.block": block}
    first = on_digits("torch", changes)
    with torch.random.fork_rng(devices=[]):
        torch.rand(1)  # the state that others left has no part in it
        again = on_digits("torch", changes)
    ours = ended(recipe(changes))
    assert first == again
    assert first.accuracy == pytest.approx(
        ours.training.judge(ours.splits.train).accuracy, abs=0.02
    )
    assert farthest("torch", recipe(changes)) > 0.05  # so that there was something to drop


def test_pytorchs_random_numbers_and_threads_stay_as_they_were() -> None:
    torch = torch_or_skip()
    threads, during = torch.get_num_threads(), []
    state = torch.get_rng_state()

    def clock() -> float:
        during.append(torch.get_num_threads())
        return 0.0

    torch.set_num_threads(2)
    try:
        block = ["dense", {"kind": "dropout", "rate": 0.5}]
        contrast("torch", recipe({"network.block": block}), digits(), clock=clock)
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(threads)
    assert (during, after) == ([1, 1], 2)
    assert torch.equal(torch.get_rng_state(), state)


def test_pytorch_is_given_no_batch_that_it_cannot_normalize() -> None:
    # 1797 = 4 * 449 + 1
    sentence = "PyTorch normalizes no batch of a single row, and an epoch has such a batch."
    normalizing: dict[str, object] = {"network.input": ["batch_norm"]}
    assert obstacle("torch", recipe({**normalizing, "train.batch": 4})) == sentence
    assert obstacle("torch", recipe({**normalizing, "train.batch": 1})) == sentence
    assert obstacle("torch", recipe({**normalizing, "train.batch": 8})) is None
    assert obstacle("torch", recipe({**normalizing, "train.batch": None})) is None
    assert obstacle("torch", recipe({"train.batch": 4})) is None


def test_the_rows_that_there_are_count_and_not_those_that_the_entry_counts_on() -> None:
    torch_or_skip()
    pool = digits().train
    assert pool.labels is not None
    fewer = Dataset(
        "digits", (8, 8), 10, Pool(pool.images[:97], pool.labels[:97]), None, "fewer", "d" * 64
    )
    entry = recipe({"network.input": ["batch_norm"]})
    assert obstacle("torch", entry) is None
    with pytest.raises(ConfigError, match="no batch of a single row"):
        contrast("torch", entry, fewer, clock=ticks())  # 97 = 12 * 8 + 1


# --- scikit-learn -------------------------------------------------------------------------


@pytest.mark.parametrize("name", AS_SCIKIT_LEARN)
def test_scikit_learn_learns_the_same_parameters_from_whole_batches(name: str) -> None:
    entry = recipe({**WHOLE, **AS_SCIKIT_LEARN[name]})
    assert farthest("sklearn", entry) < ROUNDING


def test_scikit_learns_adam_is_zoos_but_for_where_epsilon_is_added() -> None:
    changes = {**WHOLE, "train.optimizer": ADAM, "train.rate": 0.01}
    assert 0 < farthest("sklearn", recipe(changes)) < 2e-3
    assert on_digits("sklearn", changes).differs == ("epsilon added before Adam's correction",)


class Spied:
    """What MLPClassifier sees at every step, the blank pass at its start left out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first_rows: list[bytes] = []
        self.sizes: list[int] = []
        self.rates: list[float] = []
        backprop = MLPClassifier._backprop  # noqa: SLF001 - there is no other place to look

        def looked_at(model: Any, pixels: Array, *rest: Any) -> Any:  # noqa: ANN401 - scikit-learn has no types
            if pixels.any():
                self.first_rows.append(pixels[0].tobytes())
                self.sizes.append(len(pixels))
                self.rates.append(model._optimizer.learning_rate)  # noqa: SLF001 - the same
            return backprop(model, pixels, *rest)

        monkeypatch.setattr(MLPClassifier, "_backprop", looked_at)


def test_scikit_learn_makes_as_many_steps_of_as_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    spied = Spied(monkeypatch)
    # 1797 = 3 * 500 + 297: one epoch of four steps, then two steps of another
    learned("sklearn", recipe({**WHOLE, "train.batch": 500, "train.iterations": 6}))
    assert spied.sizes == [500, 500, 500, 297, 500, 500]


def test_scikit_learn_shuffles_anew_in_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    spied = Spied(monkeypatch)
    learned("sklearn", recipe({"train.batch": 1000, "train.epochs": 5}))
    assert len(set(spied.first_rows)) == 10


def test_scikit_learn_takes_the_mean_of_an_epochs_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    spied = Spied(monkeypatch)
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
    assert spied.rates == pytest.approx([0.15] * 4 + [0.4] * 4, rel=1e-12)


def test_scikit_learn_reaches_as_much_in_its_own_order() -> None:
    changes: dict[str, object] = {"train.epochs": 10}
    found, ours = on_digits("sklearn", changes), ended(recipe(changes))
    score = ours.training.judge(ours.splits.train)
    assert found.accuracy == pytest.approx(score.accuracy, abs=0.01)
    assert found.loss == pytest.approx(score.loss, abs=0.03)


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
def test_what_scikit_learn_does_otherwise_is_named(
    changes: Mapping[str, object], phrases: tuple[str, ...]
) -> None:
    assert on_digits("sklearn", changes).differs == phrases


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"network.block": ["dense", "batch_norm", "relu"]}, "no batch normalization"),
        ({"network.block": ["dense", "relu", {"kind": "dropout", "rate": 0.1}]}, "no dropout"),
        ({"network.input": [{"kind": "dropout", "rate": 0.1}]}, "no dropout"),
        ({"network.block": ["dense", "leaky_relu"]}, "no leaky ReLU"),
        ({"train.optimizer": "rmsprop"}, "no RMSprop"),
        ({"train.optimizer": {"kind": "adamw", "decay": 0.1}}, "no AdamW"),
        ({"train.label_smoothing": 0.1}, "no label smoothing"),
        *(
            (
                {f"network.{key}": layers},
                "one activation after each hidden dense layer, and none elsewhere",
            )
            for key, layers in (
                ("block", ["relu", "dense"]),
                ("block", ["dense", "relu", "tanh"]),
                ("input", ["tanh"]),
            )
        ),
    ],
)
def test_what_scikit_learn_cannot_do_is_said_before_it_is_tried(
    changes: Mapping[str, object], sentence: str
) -> None:
    entry = recipe(changes)
    assert obstacle("sklearn", entry) == f"MLPClassifier has {sentence}."
    with pytest.raises(ConfigError, match=f"MLPClassifier has {sentence}"):
        contrast("sklearn", entry, digits(), clock=ticks())


@pytest.mark.parametrize("changes", AS_SCIKIT_LEARN.values(), ids=AS_SCIKIT_LEARN)
def test_nothing_is_in_the_way_of_what_scikit_learn_can_do(changes: Mapping[str, object]) -> None:
    assert obstacle("sklearn", recipe(changes)) is None


def test_an_interruption_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MLPClassifier, "_backprop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        on_digits("sklearn")


# --- both ---------------------------------------------------------------------------------


def peer_or_skip(peer: str) -> None:
    if peer == "torch":
        torch_or_skip()


@pytest.mark.parametrize("peer", PEERS)
def test_a_contrast_says_whose_it_is_and_how_good(peer: str) -> None:
    peer_or_skip(peer)
    changes = {**WHOLE, "train.seed": 7, "data.kind": "digits", "data.split": {"test": 360}}
    found, ours = on_digits(peer, changes), ended(recipe(changes))
    score = ours.training.judge(ours.parts["test"])
    assert found == Contrast(
        peer=peer,
        version=sys.modules[peer].__version__,
        entry="digits-7",
        seed=7,
        split="test",
        accuracy=score.accuracy,
        loss=found.loss,
        seconds=1,
        differs=(),
    )
    assert found.loss == pytest.approx(score.loss, abs=1e-5)


@pytest.mark.parametrize(
    ("claimed", "split", "wanted"),
    [
        (None, {"validation": 100, "test": 300}, "test"),
        (None, {"validation": 100}, "validation"),
        (None, {}, "train"),
        ("validation", {"validation": 100, "test": 300}, "validation"),
        ("train", {"test": 300}, "train"),
    ],
)
def test_the_split_is_the_claims_or_the_last_there_is(
    claimed: str | None, split: dict[str, int], wanted: str
) -> None:
    claim = {"value": 0.9, "split": claimed, "tolerance": 0.1, "quote": "about 0.9"}
    changes: dict[str, object] = {"data.kind": "digits", "data.split": split, "train.epochs": 1}
    found = on_digits("sklearn", changes | ({"claim": claim} if claimed else {}))
    ours = ended(recipe(changes))
    assert found.split == wanted
    assert round(found.accuracy * len(ours.parts[found.split]), 9).is_integer()


@pytest.mark.parametrize("peer", PEERS)
def test_a_loss_that_is_no_number_is_said_of_the_peer(peer: str) -> None:
    peer_or_skip(peer)
    with pytest.raises(ZooError) as caught:
        on_digits(peer, {"train.rate": 1e30, "network.hidden": [7, 7]})
    name = {"sklearn": "scikit-learn", "torch": "PyTorch"}[peer]
    assert str(caught.value) == (
        f"The loss of {name} on digits-7, seed 0, is no finite number any more."
    )


@pytest.mark.parametrize("peer", PEERS)
def test_numpys_random_numbers_stay_as_they_were(peer: str) -> None:
    peer_or_skip(peer)
    before = np.random.get_state()  # noqa: NPY002 - the global state is what this is about
    on_digits(peer, {"train.epochs": 1})
    after = np.random.get_state()  # noqa: NPY002 - the same
    assert str(before) == str(after)


def test_an_unknown_peer_is_told_who_there_is() -> None:
    entry = recipe()
    for ask in (
        lambda: unavailable("jax"),
        lambda: obstacle("jax", entry),
        lambda: contrast("jax", entry, digits(), clock=ticks()),
    ):
        with pytest.raises(ConfigError) as caught:
            ask()
        assert str(caught.value) == "There is no peer named 'jax' to train for contrast."
        assert caught.value.hint == "There are: sklearn, torch."


@pytest.mark.parametrize(
    ("peer", "sentence", "hint"),
    [
        ("sklearn", "scikit-learn is not installed.", "`pip install scikit-learn` brings it."),
        ("torch", "PyTorch is not installed.", "`pip install torch` brings it."),
    ],
)
def test_a_peer_that_is_not_installed_is_said_to_be_missing(
    peer: str, sentence: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, peer, None)
    assert unavailable(peer) == sentence
    with pytest.raises(ConfigError) as caught:
        contrast(peer, recipe(), digits(), clock=ticks())
    assert (str(caught.value), caught.value.hint) == (sentence, hint)
