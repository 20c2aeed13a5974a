"""The training loop: beside the reference network, reports, tiles, resumed trainings."""

import copy
import random
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.config.entry import Entry
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.nn.buffers import Array
from zoo.nn.optimizers import SGD
from zoo.nn.reference import ReferenceNetwork
from zoo.training import build, memory
from zoo.training.loop import DivergedError, EpochReport, Training
from zoo.training.prepare import prepare

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
SHUFFLED = np.random.default_rng(0).permutation(1797)


def subset(start: int, stop: int) -> Subset:
    """Return a subset of the digits in random order."""
    data = digits().train
    assert data.labels is not None
    return Subset(data.images, data.labels, SHUFFLED[start:stop])


def new_training(
    entry: Entry,
    rows: int,
    *,
    dtype: npt.DTypeLike = np.float32,
    tile: int | None = None,
    held_out: Subset | None = None,
) -> Training:
    """Return a training on the first rows, before its first step."""
    rngs = build.make_rngs(entry.train.seed)
    network = build.network(entry, rngs, dtype=dtype)
    with pytest.MonkeyPatch.context() as monkeypatch:
        if tile:
            monkeypatch.setattr(build, "rows_per_tile", lambda *_widths: tile)
        batches = build.batches(entry.train, network, subset(0, rows), rngs, shape=(8, 8))
    plan = build.plan(entry.train, network, rows=rows)
    return Training(network, batches, plan, rngs, held_out=held_out)


def finished(training: Training) -> list[EpochReport]:
    """Make the remaining steps; return the reports."""
    return [report for report in training if report]


# --- beside the reference network, which has the formulas of mnist-10-decay's README -------------


def reference(training: Training) -> ReferenceNetwork:
    """Return a reference network with a copy of the training's parameters."""
    w1, b1, w2, b2 = (array.astype(np.float64) for _, array in training.network.named_arrays())
    return ReferenceNetwork(w1, b1[:, None], w2, b2[:, None])


def columns(rows: Rows) -> tuple[Matrix, Matrix]:
    """Return X and Y of these rows of the digits: scaled pixels and one-hot labels, as columns."""
    pool = digits().train
    assert pool.labels is not None
    return pool.images[rows].T / 16, np.eye(10)[pool.labels[rows]].T


def assert_same_parameters(training: Training, expected: ReferenceNetwork) -> None:
    arrays = (expected.w1, expected.b1[:, 0], expected.w2, expected.b2[:, 0])
    for (_, array), expected_array in zip(training.network.named_arrays(), arrays, strict=True):
        np.testing.assert_allclose(array, expected_array, rtol=0, atol=1e-10)


def test_training_full_batch_formulas() -> None:
    """With step decay the reference network ends with the same parameters."""
    changes = {
        "network.hidden": [10],
        "train.epochs": None,
        "train.iterations": 300,
        "train.batch": None,
        "train.rate": 0.5,
        "train.schedule": {"kind": "step", "every": 100, "factor": 0.5},
    }
    training = new_training(recipe(changes), 400, dtype=np.float64)
    expected = reference(training)
    for rate in [0.5] * 100 + [0.25] * 100 + [0.125] * 100:
        expected.step(*columns(SHUFFLED[:400]), rate=rate)
    reports = finished(training)
    assert_same_parameters(training, expected)
    assert reports[-1].accuracy > 0.9  # so the training changed something


def test_training_mini_batch_formulas() -> None:
    """On mini-batches the reference network ends with the same parameters."""
    # 100 rows in batches of 30 are four steps an epoch, the last on 10 rows
    entry = recipe({"train.epochs": 20, "train.batch": 30, "train.seed": 5})
    training = new_training(entry, 100, dtype=np.float64)
    assert training.batches.steps_per_epoch == 4
    expected, order = reference(training), build.make_rngs(5)["order"]
    for _ in range(20):
        epoch = order.permutation(SHUFFLED[:100])
        for start in (0, 30, 60, 90):
            expected.step(*columns(epoch[start : start + 30]), rate=0.1)
    finished(training)
    assert_same_parameters(training, expected)


class RecordingOptimizer(SGD):
    """Makes no step, and records the arguments of each one."""

    def __init__(self, parameters: Array) -> None:
        super().__init__(parameters)
        self.calls: list[tuple[int, float, Array]] = []

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        self.calls.append((step, learning_rate, gradient.copy()))


def test_optimizer_arguments() -> None:
    """The optimizer receives the step, its learning rate and the gradient with L2."""
    changes = {"train.epochs": 2, "train.schedule": {"kind": "exponential", "factor": 0.25}}
    calls = []
    for strength in (0.0, 0.5):
        training = new_training(recipe({**changes, "train.l2": strength}), 16, dtype=np.float64)
        optimizer = RecordingOptimizer(training.network.parameters)
        training.plan = replace(training.plan, optimizer=optimizer)
        finished(training)
        calls.append(optimizer.calls)
    # two steps an epoch: half an epoch takes the root of the factor, counted from the first step
    assert [(number, rate) for number, rate, _ in calls[1]] == [
        *[(1, 0.1), (2, 0.05), (3, 0.025), (4, 0.0125)]
    ]
    weights = training.network.parameters * training.network.is_weight
    for (_, _, without), (_, _, with_l2) in zip(*calls, strict=True):
        np.testing.assert_allclose(with_l2 - without, 0.5 * weights, rtol=0, atol=1e-15)


# --- tiles --------------------------------------------------------------------------------


def test_tile_size() -> None:
    """A tile has more rows if the layers are narrow."""
    assert [memory.rows_per_tile(784, 10, 10), memory.rows_per_tile(784, 4096, 10)] == [1024, 1024]
    assert memory.rows_per_tile(64, 10, 10) == 12_544  # all the digits fit into one tile


FULL_BATCH = {"train.batch": None, "train.epochs": 20}
EVERYTHING = {  # all settings that work with tiles, without dropout
    "network.input": ["sigmoid"],  # overwrites the input
    "network.block": ["dense", "tanh"],
    "network.hidden": [7, 6],
    "train.l2": 0.01,
    "train.label_smoothing": 0.1,
    "train.optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": True},
}


@pytest.mark.parametrize(
    "changes", [FULL_BATCH, {"train.batch": 70}], ids=["full batch", "batches"]
)
@pytest.mark.parametrize("tile", [32, 50, 1])
def test_tiles_float64(changes: dict[str, object], tile: int) -> None:
    """A batch in tiles gives the same parameters as in one piece."""
    entry = recipe(EVERYTHING | changes)
    tiled = new_training(entry, 100, dtype=np.float64, tile=tile)
    one_piece = new_training(entry, 100, dtype=np.float64, tile=100)
    reports = zip(finished(tiled), finished(one_piece), strict=True)
    for report, expected in reports:
        assert (report.loss, report.accuracy) == pytest.approx((expected.loss, expected.accuracy))
    np.testing.assert_allclose(
        tiled.network.parameters, one_piece.network.parameters, rtol=0, atol=1e-10
    )


def test_tiles_float32() -> None:
    """In float32 tiles agree with one piece within rounding errors."""
    tiled, one_piece = (new_training(recipe(FULL_BATCH), 100, tile=tile) for tile in (32, 100))
    finished(tiled)
    finished(one_piece)
    np.testing.assert_allclose(
        tiled.network.parameters, one_piece.network.parameters, rtol=0, atol=1e-5
    )


def test_tiles_batch_norm() -> None:
    """With batch normalization a batch is not cut into tiles."""
    entry = recipe({"network.block": ["dense", "batch_norm", "relu"], "train.batch": None})
    tiled, one_piece = (new_training(entry, 100, tile=tile) for tile in (32, 100))
    assert finished(tiled) == finished(one_piece)
    assert tiled.network.parameters.tobytes() == one_piece.network.parameters.tobytes()


def test_logits_between_steps() -> None:
    """Predictions between two steps change no parameter."""
    entry = recipe({"train.batch": None, "train.epochs": 5})
    evaluated, undisturbed = new_training(entry, 100), new_training(entry, 100)
    for _ in evaluated:
        evaluated.network.logits(subset(200, 300).images)
    finished(undisturbed)
    assert evaluated.network.parameters.tobytes() == undisturbed.network.parameters.tobytes()


# --- rngs ---------------------------------------------------------------------------------

DROPOUT: dict[str, object] = {"network.block": ["dense", "relu", {"kind": "dropout", "rate": 0.2}]}


def test_rngs() -> None:
    """Weights, order, dropout and augmentation have separate rngs."""
    first = {name: rng.random() for name, rng in build.make_rngs(3).items()}
    assert first == {name: rng.random() for name, rng in build.make_rngs(3).items()}
    assert len(set(first.values())) == len(first) == 4


def test_seed() -> None:
    """The same seed gives the same bits, and another seed other bits."""
    runs = []
    for seed in (1, 1, 2):
        training = new_training(recipe(DROPOUT | {"train.seed": seed}), 50)
        runs.append((finished(training), training.network.parameters.tobytes()))
    assert runs[0] == runs[1]
    assert runs[0][1] != runs[2][1]


def test_dropout_start_and_order() -> None:
    """Dropout changes neither the initial weights nor the order."""
    plain, with_dropout = new_training(recipe(), 50), new_training(recipe(DROPOUT), 50)
    assert plain.network.parameters.tobytes() == with_dropout.network.parameters.tobytes()
    finished(plain)
    finished(with_dropout)
    draws = [training.rngs["order"].random() for training in (plain, with_dropout)]
    assert draws[0] == draws[1]


def test_training_global_random_state() -> None:
    """A training does not change the global random states."""
    before = np.random.get_state(legacy=False)  # noqa: NPY002 - this state is tested
    python_state = random.getstate()
    prepared = prepare(recipe(DROPOUT | {"data.split": {"test": 100, "train": 50}}), digits())
    finished(prepared.training)
    after = np.random.get_state(legacy=False)  # noqa: NPY002 - this state is tested
    assert str(after) == str(before)
    assert random.getstate() == python_state


# --- reports ------------------------------------------------------------------------------


def predictions(training: Training, rows: Rows) -> Array:
    """Return the probabilities of the reference network with the training's parameters."""
    x, _ = columns(rows)
    return reference(training).forward(x)[1].T


def loss_and_accuracy(probabilities: Array, rows: Rows) -> tuple[float, float]:
    from sklearn.metrics import log_loss

    labels = digits().train.labels
    assert labels is not None
    accuracy = float((probabilities.argmax(axis=1) == labels[rows]).mean())
    return float(log_loss(labels[rows], probabilities, labels=range(10))), accuracy


def test_report_full_batch() -> None:
    """A report holds the loss before the step and the held-out score after it."""
    entry = recipe({"train.batch": None, "train.epochs": 3})
    training = new_training(entry, 100, dtype=np.float64, held_out=subset(100, 150))
    steps = iter(training)
    for number in (1, 2, 3):
        before = predictions(training, SHUFFLED[:100])
        report = next(steps)
        after = predictions(training, SHUFFLED[100:150])
        assert report
        assert report.held_out
        assert (report.step, report.rate, report.held_out.n) == (number, 0.1, 50)
        assert (report.loss, report.accuracy) == pytest.approx(
            loss_and_accuracy(before, SHUFFLED[:100]), rel=1e-12
        )
        assert (report.held_out.loss, report.held_out.accuracy) == pytest.approx(
            loss_and_accuracy(after, SHUFFLED[100:150]), rel=1e-12
        )


def test_report_mini_batches() -> None:
    """A report holds the mean of each batch's loss before its step."""
    training = new_training(recipe({"train.batch": 30, "train.epochs": 2}), 100, dtype=np.float64)
    steps, order = iter(training), build.make_rngs(0)["order"]
    for _ in range(2):
        epoch = order.permutation(SHUFFLED[:100])
        probabilities = []
        for start in (0, 30, 60, 90):
            probabilities.append(predictions(training, epoch[start : start + 30]))
            report = next(steps)
        assert report
        assert (report.loss, report.accuracy) == pytest.approx(
            loss_and_accuracy(np.concatenate(probabilities), epoch), rel=1e-12
        )
    assert list(steps) == []


def test_report_after_interrupted_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that Ctrl-C interrupts is made again; the report has every batch at its place."""
    entry = recipe({"train.batch": 30, "train.epochs": 1})
    (expected,) = finished(new_training(entry, 100))
    training = new_training(entry, 100)
    next(iter(training))
    with monkeypatch.context() as patch:

        def interrupt(_: Array) -> None:
            raise KeyboardInterrupt

        patch.setattr(training.network, "backward", interrupt)
        with pytest.raises(KeyboardInterrupt):
            next(iter(training))
    assert finished(training) == [expected]


def test_report_iterations() -> None:
    """There is a report every fifty iterations, and at the end."""
    changes = {"train.epochs": None, "train.iterations": 120, "train.batch": None}
    reports = finished(new_training(recipe(changes), 30))
    assert [report.step for report in reports] == [50, 100, 120]


def test_report_rate() -> None:
    """A report holds the learning rate of its step."""
    changes = {"train.epochs": 4, "train.schedule": {"kind": "step", "every": 2, "factor": 0.5}}
    # 20 rows in batches of 8 are three steps an epoch
    reports = finished(new_training(recipe(changes), 20))
    assert [(report.step, report.rate) for report in reports] == [
        *[(3, 0.1), (6, 0.1), (9, 0.05), (12, 0.05)]
    ]


# --- clipping, averaging, early stopping ----------------------------------------------------


def test_clip_after_l2() -> None:
    """A gradient is clipped after the L2 gradient is added."""
    changes = {"train.epochs": 2, "train.l2": 5.0, "train.clip": 0.25}
    training = new_training(recipe(changes), 16, dtype=np.float64)
    optimizer = RecordingOptimizer(training.network.parameters)
    training.plan = replace(training.plan, optimizer=optimizer)
    finished(training)
    assert [np.linalg.norm(gradient) for _, _, gradient in optimizer.calls] == pytest.approx(
        [0.25] * 4
    )


def test_average() -> None:
    """The average is evaluated and returned, and the training continues without it."""
    plain = new_training(recipe(), 30, held_out=subset(30, 90))
    averaged = new_training(recipe({"train.average": 0.5}), 30, held_out=subset(30, 90))
    mean = plain.network.parameters.astype(np.float64)
    reports = []
    for number, step in enumerate(plain, start=1):
        decay = min(0.5, (1 + number) / (10 + number))
        mean = decay * mean + (1 - decay) * plain.network.parameters
        if step:
            current = plain.network.parameters.copy()
            plain.network.parameters[:] = mean
            reports.append(plain.evaluate(subset(30, 90)))
            plain.network.parameters[:] = current
    averaged_reports = finished(averaged)
    assert [report.held_out.accuracy for report in averaged_reports if report.held_out] == [
        score.accuracy for score in reports
    ]
    assert averaged.network.parameters.tobytes() == plain.network.parameters.tobytes()
    with averaged.final_weights():
        np.testing.assert_allclose(averaged.network.parameters, mean, rtol=0, atol=1e-6)
    assert averaged.network.parameters.tobytes() == plain.network.parameters.tobytes()


WITH_VALIDATION: dict[str, object] = {"data.split": {"test": 100, "validation": 60, "train": 50}}


def test_patience() -> None:
    """A training ends after `patience` epochs without improvement, with the best weights."""
    entry = recipe(WITH_VALIDATION | {"train.epochs": 200, "train.patience": 4})
    prepared = prepare(entry, digits())
    accuracies, weights = [], []
    for report in prepared.training:
        if report:
            assert report.held_out
            accuracies.append(report.held_out.accuracy)
            weights.append(prepared.network.parameters.copy())
    best = accuracies.index(max(accuracies))  # the first of equals
    assert len(accuracies) == best + 1 + 4 < 200
    assert prepared.training.is_over
    assert list(prepared.training) == []
    with prepared.training.final_weights():
        assert np.array_equal(prepared.network.parameters, weights[best])
        assert (
            prepared.training.evaluate(prepared.subsets["validation"]).accuracy == accuracies[best]
        )
    assert np.array_equal(prepared.network.parameters, weights[-1])


def test_patience_without_validation() -> None:
    with pytest.raises(ConfigError, match=r"train\.patience: it needs a validation split"):
        recipe({"train.patience": 4})


# --- divergence ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [None, 8], ids=["full batch", "batches"])
def test_diverged(batch: int | None) -> None:
    """A learning rate that is too high is an error with the step."""
    training = new_training(recipe({"train.rate": 1e30, "train.batch": batch}), 50)
    # the first step's loss is finite; at the second the weights are about 1e29
    with pytest.raises(DivergedError) as caught:
        finished(training)
    assert str(caught.value) == "Training diverged: the loss is NaN or infinite at step 2."
    assert caught.value.hint == "Try a smaller learning rate: `zoo train ... --rate`."
    assert training.step == 1


def test_diverged_held_out() -> None:
    """A held-out loss that is NaN or infinite is the same error."""
    changes = {"train.rate": 1e30, "train.batch": None, "train.epochs": 1}
    with pytest.raises(
        DivergedError, match=r"^Training diverged: the loss is NaN or infinite at step 1\.\nTry "
    ):
        finished(new_training(recipe(changes), 50, held_out=subset(50, 100)))


# --- resumed trainings --------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": "sgd",
    "momentum": {"kind": "sgd", "momentum": 0.9},
    "nesterov": {"kind": "sgd", "momentum": 0.9, "nesterov": True},
    "rmsprop": "rmsprop",
    "adam": "adam",
    "adamw": {"kind": "adamw", "decay": 0.1},
}
SCHEDULES = {
    "constant": "constant",
    "step": {"kind": "step", "every": 2, "factor": 0.5},
    "exponential": {"kind": "exponential", "factor": 0.9},
    "cosine-warm-up": {"kind": "cosine", "warm_up": 0.3},
}
NETWORKS: dict[str, dict[str, object]] = {
    "plain": {},
    "dropout": DROPOUT | {"network.input": [{"kind": "dropout", "rate": 0.1}]},
    "norm": {"network.block": ["dense", "batch_norm", "relu"]},
    "averaged": {"train.average": 0.9, "train.clip": 0.5},
    "patient": {"train.patience": 1},
    "augmented": {
        "train.augment": [
            {"kind": "shift", "pixels": 1},
            {"kind": "elastic", "alpha": 3, "sigma": 2},
            {"kind": "stroke", "share": 0.5},
        ],
        "train.together": 3,
    },
}


def assert_resumable_at_every_step(entry: Entry) -> None:
    """Train 30 rows for 3 epochs; restore each step in another training and finish it."""
    held_out = subset(30, 50)
    uninterrupted = new_training(entry, 30, tile=16, held_out=held_out)
    states, reports = [copy.deepcopy(uninterrupted.state())], []
    for report in uninterrupted:
        reports.append(report)
        states.append(copy.deepcopy(uninterrupted.state()))
    for step, (arrays, rest) in enumerate(states):
        resumed = new_training(entry, 30, tile=16, held_out=held_out)
        next(iter(resumed))  # earlier steps must not matter
        resumed.restore(arrays, rest)
        assert list(resumed) == reports[step:]
        last, _ = resumed.state()
        for name, array in uninterrupted.state()[0].items():
            assert last[name].tobytes() == array.tobytes(), name


# Every pair of a network, an optimizer and a schedule: 6 x 6 of the first two, each with the
# schedule at the sum of their indices. Each row and each column has every schedule.
PAIRS = [
    (network, optimizer, list(SCHEDULES)[(row + column) % len(SCHEDULES)])
    for row, network in enumerate(NETWORKS)
    for column, optimizer in enumerate(OPTIMIZERS)
]


@pytest.mark.parametrize(("network", "optimizer", "schedule"), PAIRS)
def test_resume_bit_for_bit(network: str, optimizer: str, schedule: str) -> None:
    """A training that is restored at any step ends with the same bits."""
    assert_resumable_at_every_step(
        recipe(
            {
                **NETWORKS[network],
                "data.split.validation": 20,
                "train.rate": 0.01,
                "train.optimizer": OPTIMIZERS[optimizer],
                "train.schedule": SCHEDULES[schedule],
            }
        )
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_resume_full_batch_bit_for_bit(network: str) -> None:
    """A restored full-batch training ends with the same bits."""
    changes = {"train.batch": None, "train.epochs": 8, "data.split.validation": 20}
    assert_resumable_at_every_step(recipe({**NETWORKS[network], **changes}))


def test_state_changes_nothing() -> None:
    observed, undisturbed = new_training(recipe(DROPOUT), 30), new_training(recipe(DROPOUT), 30)
    for _ in observed:
        observed.state()
    finished(undisturbed)
    assert observed.network.parameters.tobytes() == undisturbed.network.parameters.tobytes()
