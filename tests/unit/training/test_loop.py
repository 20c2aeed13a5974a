"""The training loop: formulas written out plainly, reports, tiles, resumed trainings."""

import copy
import random
from collections.abc import Sequence
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
from zoo.training import build
from zoo.training.loop import DivergedError, EpochReport, Training, prepare

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
SCRAMBLED = np.random.default_rng(0).permutation(1797)


def part(start: int, stop: int) -> Subset:
    """Return some of the digits, in no order."""
    pool = digits().train
    assert pool.labels is not None
    return Subset(pool.images, pool.labels, SCRAMBLED[start:stop])


def begun(
    entry: Entry,
    rows: int,
    *,
    dtype: npt.DTypeLike = np.float32,
    tile: int | None = None,
    held_out: Subset | None = None,
) -> Training:
    """Return a training on the first rows, which has made no step yet."""
    chance = build.make_rngs(entry.train.seed)
    network = build.network(entry, chance, dtype=dtype)
    plan = build.plan(entry.train, network, rows=rows)
    if tile:
        plan = replace(plan, tile_rows=tile)
    bent = build.augmented(entry.train, part(0, rows), (8, 8), batch=plan.batch)
    return Training(network, part(0, rows), plan, chance, held_out=held_out, augmented=bent)


def finished(training: Training) -> list[EpochReport]:
    """Make all steps that remain; return the reports."""
    return [report for report in training if report]


# --- the README of mnist-10-decay, with its names: examples stand in columns ---------------


def relu(z: Matrix) -> Matrix:
    return np.maximum(z, 0)


def softmax(z: Matrix) -> Matrix:
    exp_z: Matrix = np.exp(z - np.max(z, axis=0, keepdims=True))
    shares: Matrix = exp_z / np.sum(exp_z, axis=0, keepdims=True)
    return shares


def gradient_descent(
    parameters: Sequence[Matrix], batches: Sequence[Rows], rates: Sequence[float]
) -> None:
    """Change the parameters as the README does, one step for each batch of rows."""
    w1, b1, w2, b2 = parameters
    pool = digits().train
    assert pool.labels is not None
    for rows, alpha in zip(batches, rates, strict=True):
        X = pool.images[rows].T / 16  # noqa: N806 - the README's name
        Y = np.eye(10)[pool.labels[rows]].T  # noqa: N806 - the README's name
        m = len(rows)
        z1 = w1 @ X + b1
        a1 = relu(z1)
        z2 = w2 @ a1 + b2
        a2 = softmax(z2)
        dz2 = a2 - Y
        dw2 = dz2 @ a1.T / m
        db2 = np.sum(dz2, axis=1, keepdims=True) / m
        dz1 = (w2.T @ dz2) * (z1 > 0)
        dw1 = dz1 @ X.T / m
        db1 = np.sum(dz1, axis=1, keepdims=True) / m
        w1 -= alpha * dw1
        b1 -= alpha * db1
        w2 -= alpha * dw2
        b2 -= alpha * db2


def as_columns(training: Training) -> list[Matrix]:
    """Return copies of w1, b1, w2, b2, the biases as columns."""
    w1, b1, w2, b2 = (array.astype(np.float64) for _, array in training.network.named_arrays())
    return [w1, b1[:, None], w2, b2[:, None]]


def test_training_whole_batch_formulas() -> None:
    """The README's formulas with step decay find the same parameters."""
    changes = {
        "network.hidden": [10],
        "train.epochs": None,
        "train.iterations": 300,
        "train.batch": None,
        "train.rate": 0.5,
        "train.schedule": {"kind": "step", "every": 100, "factor": 0.5},
    }
    training = begun(recipe(changes), 400, dtype=np.float64)
    theirs = as_columns(training)
    gradient_descent(theirs, [SCRAMBLED[:400]] * 300, [0.5] * 100 + [0.25] * 100 + [0.125] * 100)
    reports = finished(training)
    for ours, array in zip(as_columns(training), theirs, strict=True):
        np.testing.assert_allclose(ours, array, rtol=0, atol=1e-10)
    assert reports[-1].accuracy > 0.9  # so there was something to find


def test_training_mini_batch_formulas() -> None:
    """The README's formulas on mini-batches find the same parameters."""
    # 100 rows in batches of 30 are four steps an epoch, the last on 10 rows
    entry = recipe({"train.epochs": 20, "train.batch": 30, "train.seed": 5})
    training = begun(entry, 100, dtype=np.float64)
    assert training.steps_per_epoch == 4
    theirs, order = as_columns(training), build.make_rngs(5)["order"]
    epochs = [order.permutation(SCRAMBLED[:100]) for _ in range(20)]
    batches = [epoch[start : start + 30] for epoch in epochs for start in (0, 30, 60, 90)]
    gradient_descent(theirs, batches, [0.1] * 80)
    finished(training)
    for ours, array in zip(as_columns(training), theirs, strict=True):
        np.testing.assert_allclose(ours, array, rtol=0, atol=1e-10)


class Still(SGD):
    """Makes no step, and keeps what it was given for one."""

    def __init__(self, parameters: Array) -> None:
        super().__init__(parameters)
        self.given: list[tuple[int, float, Array]] = []

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        self.given.append((step, learning_rate, gradient.copy()))


def test_optimizer_arguments() -> None:
    """The optimizer is given the step's number, its rate and the gradient with L2."""
    changes = {"train.epochs": 2, "train.schedule": {"kind": "exponential", "factor": 0.25}}
    given = []
    for strength in (0.0, 0.5):
        training = begun(recipe({**changes, "train.l2": strength}), 16, dtype=np.float64)
        optimizer = Still(training.network.parameters)
        training.plan = replace(training.plan, optimizer=optimizer)
        finished(training)
        given.append(optimizer.given)
    # two steps an epoch: half an epoch takes the root of the factor, counted from the first step
    assert [(number, rate) for number, rate, _ in given[1]] == [
        *[(1, 0.1), (2, 0.05), (3, 0.025), (4, 0.0125)]
    ]
    weights = training.network.parameters * training.network.is_weight
    for (_, _, without), (_, _, with_l2) in zip(*given, strict=True):
        np.testing.assert_allclose(with_l2 - without, 0.5 * weights, rtol=0, atol=1e-15)


# --- tiles --------------------------------------------------------------------------------


def test_tile_size() -> None:
    """A tile of narrow rows has more of them."""
    assert [build.rows_per_tile(784, 10, 10), build.rows_per_tile(784, 4096, 10)] == [1024, 1024]
    assert build.rows_per_tile(64, 10, 10) == 12_544  # all the digits go up together


WHOLE = {"train.batch": None, "train.epochs": 20}
ALL_TOGETHER = {  # all that a recipe may hold and that is cut into tiles without dropping by chance
    "network.input": ["sigmoid"],  # which writes over the pixels that were loaded
    "network.block": ["dense", "tanh"],
    "network.hidden": [7, 6],
    "train.l2": 0.01,
    "train.label_smoothing": 0.1,
    "train.optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": True},
}


@pytest.mark.parametrize("changes", [WHOLE, {"train.batch": 70}], ids=["whole", "batches"])
@pytest.mark.parametrize("tile", [32, 50, 1])
def test_tiles_float64(changes: dict[str, object], tile: int) -> None:
    """A batch in tiles learns what it learns in one piece."""
    entry = recipe(ALL_TOGETHER | changes)
    tiled = begun(entry, 100, dtype=np.float64, tile=tile)
    one_piece = begun(entry, 100, dtype=np.float64, tile=100)
    reports = zip(finished(tiled), finished(one_piece), strict=True)
    for ours, theirs in reports:
        assert (ours.loss, ours.accuracy) == pytest.approx((theirs.loss, theirs.accuracy))
    np.testing.assert_allclose(
        tiled.network.parameters, one_piece.network.parameters, rtol=0, atol=1e-10
    )


def test_tiles_float32() -> None:
    """In float32 tiles are one piece within its error."""
    tiled, one_piece = (begun(recipe(WHOLE), 100, tile=tile) for tile in (32, 100))
    finished(tiled)
    finished(one_piece)
    np.testing.assert_allclose(
        tiled.network.parameters, one_piece.network.parameters, rtol=0, atol=1e-5
    )


def test_tiles_batch_norm() -> None:
    """Batch normalization keeps its batch in one piece."""
    entry = recipe({"network.block": ["dense", "batch_norm", "relu"], "train.batch": None})
    tiled, one_piece = (begun(entry, 100, tile=tile) for tile in (32, 100))
    assert finished(tiled) == finished(one_piece)
    assert tiled.network.parameters.tobytes() == one_piece.network.parameters.tobytes()


def test_logits_between_steps() -> None:
    """Logits between two steps change nothing."""
    entry = recipe({"train.batch": None, "train.epochs": 5})
    looked_at, left_alone = begun(entry, 100), begun(entry, 100)
    for _ in looked_at:
        looked_at.network.logits(part(200, 300).images)
    finished(left_alone)
    assert looked_at.network.parameters.tobytes() == left_alone.network.parameters.tobytes()


# --- random generators --------------------------------------------------------------------

DROPOUT: dict[str, object] = {"network.block": ["dense", "relu", {"kind": "dropout", "rate": 0.2}]}


def test_generators() -> None:
    """Weights, order, dropout and augmentation each have a generator of their own."""
    first = {name: rng.random() for name, rng in build.make_rngs(3).items()}
    assert first == {name: rng.random() for name, rng in build.make_rngs(3).items()}
    assert len(set(first.values())) == len(first) == 4


def test_seed() -> None:
    """The same seed gives the same bits, and another one others."""
    runs = []
    for seed in (1, 1, 2):
        training = begun(recipe(DROPOUT | {"train.seed": seed}), 50)
        runs.append((finished(training), training.network.parameters.tobytes()))
    assert runs[0] == runs[1]
    assert runs[0][1] != runs[2][1]


def test_dropout_start_and_order() -> None:
    """Dropout changes neither the first weights nor the order."""
    plain, dropping = begun(recipe(), 50), begun(recipe(DROPOUT), 50)
    assert plain.network.parameters.tobytes() == dropping.network.parameters.tobytes()
    finished(plain)
    finished(dropping)
    left = [training.rngs["order"].random() for training in (plain, dropping)]
    assert left[0] == left[1]


def test_training_global_random_state() -> None:
    """A training leaves the global random states alone."""
    before = np.random.get_state(legacy=False)  # noqa: NPY002 - it is this one that is watched
    others = random.getstate()
    work = prepare(recipe(DROPOUT | {"data.split": {"test": 100, "train": 50}}), digits())
    finished(work.training)
    after = np.random.get_state(legacy=False)  # noqa: NPY002 - the same
    assert str(after) == str(before)
    assert random.getstate() == others


# --- reports ------------------------------------------------------------------------------


def answers(training: Training, rows: Rows) -> Matrix:
    """Return what a network of dense layers and ReLU makes of some digits, written plainly."""
    w1, b1, w2, b2 = as_columns(training)
    return softmax(w2 @ relu(w1 @ digits().train.images[rows].T / 16 + b1) + b2).T


def loss_and_accuracy(probabilities: Matrix, rows: Rows) -> tuple[float, float]:
    from sklearn.metrics import log_loss

    labels = digits().train.labels
    assert labels is not None
    right = float((probabilities.argmax(axis=1) == labels[rows]).mean())
    return float(log_loss(labels[rows], probabilities, labels=range(10))), right


def test_report_whole_batch() -> None:
    """A report holds the loss before the step and the held-out score after it."""
    entry = recipe({"train.batch": None, "train.epochs": 3})
    training = begun(entry, 100, dtype=np.float64, held_out=part(100, 150))
    steps = iter(training)
    for number in (1, 2, 3):
        before = answers(training, SCRAMBLED[:100])
        report = next(steps)
        after = answers(training, SCRAMBLED[100:150])
        assert report
        assert report.held_out
        assert (report.step, report.rate, report.held_out.n) == (number, 0.1, 50)
        assert (report.loss, report.accuracy) == pytest.approx(
            loss_and_accuracy(before, SCRAMBLED[:100]), rel=1e-12
        )
        assert (report.held_out.loss, report.held_out.accuracy) == pytest.approx(
            loss_and_accuracy(after, SCRAMBLED[100:150]), rel=1e-12
        )


def test_report_mini_batches() -> None:
    """A report holds the mean of each batch's loss before its step."""
    training = begun(recipe({"train.batch": 30, "train.epochs": 2}), 100, dtype=np.float64)
    steps, order = iter(training), build.make_rngs(0)["order"]
    for _ in range(2):
        epoch = order.permutation(SCRAMBLED[:100])
        passed = []
        for start in (0, 30, 60, 90):
            passed.append(answers(training, epoch[start : start + 30]))
            report = next(steps)
        assert report
        assert (report.loss, report.accuracy) == pytest.approx(
            loss_and_accuracy(np.concatenate(passed), epoch), rel=1e-12
        )
    assert list(steps) == []


def test_report_iterations() -> None:
    """Iterations are reported every fifty, and at the end."""
    changes = {"train.epochs": None, "train.iterations": 120, "train.batch": None}
    reports = finished(begun(recipe(changes), 30))
    assert [report.step for report in reports] == [50, 100, 120]


def test_report_rate() -> None:
    """A report holds the rate of the step that was just made."""
    changes = {"train.epochs": 4, "train.schedule": {"kind": "step", "every": 2, "factor": 0.5}}
    # 20 rows in batches of 8 are three steps an epoch
    reports = finished(begun(recipe(changes), 20))
    assert [(report.step, report.rate) for report in reports] == [
        *[(3, 0.1), (6, 0.1), (9, 0.05), (12, 0.05)]
    ]


# --- clipping, averaging, an early end ----------------------------------------------------


def test_clip_after_l2() -> None:
    """A gradient is clipped with all that is added to it."""
    changes = {"train.epochs": 2, "train.l2": 5.0, "train.clip": 0.25}
    training = begun(recipe(changes), 16, dtype=np.float64)
    optimizer = Still(training.network.parameters)
    training.plan = replace(training.plan, optimizer=optimizer)
    finished(training)
    assert [np.linalg.norm(given) for _, _, given in optimizer.given] == pytest.approx([0.25] * 4)


def test_average() -> None:
    """The average is judged and handed out, and the training goes on without it."""
    plain = begun(recipe(), 30, held_out=part(30, 90))
    averaged = begun(recipe({"train.average": 0.5}), 30, held_out=part(30, 90))
    mean = plain.network.parameters.astype(np.float64)
    reports = []
    for number, step in enumerate(plain, start=1):
        decay = min(0.5, (1 + number) / (10 + number))
        mean = decay * mean + (1 - decay) * plain.network.parameters
        if step:
            own = plain.network.parameters.copy()
            plain.network.parameters[:] = mean
            reports.append(plain.evaluate(part(30, 90)))
            plain.network.parameters[:] = own
    found = finished(averaged)
    assert [report.held_out.accuracy for report in found if report.held_out] == [
        score.accuracy for score in reports
    ]
    assert averaged.network.parameters.tobytes() == plain.network.parameters.tobytes()
    with averaged.final_weights():
        np.testing.assert_allclose(averaged.network.parameters, mean, rtol=0, atol=1e-6)
    assert averaged.network.parameters.tobytes() == plain.network.parameters.tobytes()


VALIDATED: dict[str, object] = {"data.split": {"test": 100, "validation": 60, "train": 50}}


def test_patience() -> None:
    """A training ends when nothing got better for `patience` epochs, with the best weights."""
    entry = recipe(VALIDATED | {"train.epochs": 200, "train.patience": 4})
    work = prepare(entry, digits())
    seen, weights = [], []
    for report in work.training:
        if report:
            assert report.held_out
            seen.append(report.held_out.accuracy)
            weights.append(work.network.parameters.copy())
    best = seen.index(max(seen))  # the first of equals
    assert len(seen) == best + 1 + 4 < 200
    assert work.training.is_over
    assert list(work.training) == []
    with work.training.final_weights():
        assert np.array_equal(work.network.parameters, weights[best])
        assert work.training.evaluate(work.subsets["validation"]).accuracy == seen[best]
    assert np.array_equal(work.network.parameters, weights[-1])


def test_patience_without_validation() -> None:
    with pytest.raises(ConfigError, match=r"train\.patience: it needs a validation split"):
        recipe({"train.patience": 4})


# --- divergence ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [None, 8], ids=["whole", "batches"])
def test_diverged(batch: int | None) -> None:
    """A rate that is too high is an error with the step."""
    training = begun(recipe({"train.rate": 1e30, "train.batch": batch}), 50)
    # the first step's loss is that of the start; the second meets weights of about 1e29
    with pytest.raises(DivergedError) as caught:
        finished(training)
    assert str(caught.value) == "The loss is no finite number any more at step 2."
    assert caught.value.hint == "A smaller rate helps most often: `zoo train ... --rate`."
    assert training.step == 1


def test_diverged_held_out() -> None:
    """A held-out loss that is not finite is the same error."""
    changes = {"train.rate": 1e30, "train.batch": None, "train.epochs": 1}
    with pytest.raises(DivergedError, match=r"^The loss is no finite number any more at step 1\.$"):
        finished(begun(recipe(changes), 50, held_out=part(50, 100)))


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


def goes_on_from_every_step(entry: Entry) -> None:
    """Train 30 rows for 3 epochs; from every step on, train again in a training of its own."""
    held_out = part(30, 50)
    whole = begun(entry, 30, tile=16, held_out=held_out)
    states, reports = [copy.deepcopy(whole.state())], []
    for report in whole:
        reports.append(report)
        states.append(copy.deepcopy(whole.state()))
    for step, (arrays, rest) in enumerate(states):
        resumed = begun(entry, 30, tile=16, held_out=held_out)
        next(iter(resumed))  # what it did before must not matter
        resumed.restore(arrays, rest)
        assert list(resumed) == reports[step:]
        last, _ = resumed.state()
        for name, array in whole.state()[0].items():
            assert last[name].tobytes() == array.tobytes(), name


# Every pair of a network, an optimizer and a schedule: 6 x 6 of the first two, each with the
# schedule at the sum of their places. Over a row and over a column that is every schedule.
PAIRS = [
    (network, optimizer, list(SCHEDULES)[(row + column) % len(SCHEDULES)])
    for row, network in enumerate(NETWORKS)
    for column, optimizer in enumerate(OPTIMIZERS)
]


@pytest.mark.parametrize(("network", "optimizer", "schedule"), PAIRS)
def test_resume_bit_for_bit(network: str, optimizer: str, schedule: str) -> None:
    """A training that is restored at any step goes on to the same bits."""
    goes_on_from_every_step(
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
def test_resume_whole_batch_bit_for_bit(network: str) -> None:
    """A restored training on the whole batch goes on to the same bits."""
    changes = {"train.batch": None, "train.epochs": 8, "data.split.validation": 20}
    goes_on_from_every_step(recipe({**NETWORKS[network], **changes}))


def test_state_changes_nothing() -> None:
    watched, left_alone = begun(recipe(DROPOUT), 30), begun(recipe(DROPOUT), 30)
    for _ in watched:
        watched.state()
    finished(left_alone)
    assert watched.network.parameters.tobytes() == left_alone.network.parameters.tobytes()
