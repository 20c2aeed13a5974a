"""A trial for each sort of kind: its numbers against central differences, its state, its seeds.

A trial takes a kind with its options and yields what is wrong, a sentence each.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import numpy.typing as npt

from zoo import api
from zoo.config import entry as config
from zoo.config import plugin_call
from zoo.config.kinds import PluginData, PluginKind
from zoo.data import augment
from zoo.data.digits import load_digits
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.errors import ConfigError, ZooError
from zoo.export import onnx_graph, onnx_safety, verify
from zoo.export.options import IR_VERSIONS, ExportOptions
from zoo.export.sample_inputs import sample_inputs
from zoo.formatting import difference
from zoo.nn.buffers import Array
from zoo.nn.initializers import glorot, zeros
from zoo.nn.layers import Dense
from zoo.nn.losses import Loss, SoftmaxCrossEntropy
from zoo.nn.network import Network
from zoo.nn.optimizers import BLOCK_SIZE
from zoo.training import plugin_kinds
from zoo.training.estimate import estimate

Faults = Iterator[str]

STEP = 1e-5
LIMIT = 1e-5  # of the relative error, in float64
COARSE = 1e-5  # of that between float32 and float64
ROWS, WIDTH, CLASSES = 8, 6, 5


def central_differences(value: Callable[[], float], at: Array) -> Array:
    """Return dvalue/dat, moving one number of `at` after the other to both sides, in place."""
    found = np.empty_like(at)
    for place, kept in np.ndenumerate(at):
        at[place] = kept + STEP
        above = value()
        at[place] = kept - STEP
        found[place] = (above - value()) / (2 * STEP)
        at[place] = kept
    return found


def error(one: Array, other: Array) -> float:
    """Return |one - other| / (|one| + |other|) over whole arrays; 0, where both are."""
    size = np.linalg.norm(one) + np.linalg.norm(other)
    return float(np.linalg.norm(one - other) / size) if size else 0.0


def activation(section: PluginKind) -> Faults:
    """Hold the derivative against central differences; try float32, and ONNX."""
    bend = plugin_call.function(section)

    def bent(z: Array) -> tuple[Array, Array]:
        over, slope = z.copy(), np.full_like(z, np.nan)
        bend(over, slope)
        return over, slope

    z = np.random.default_rng(0).normal(0, 2, (ROWS, 40))
    a, slope = bent(z)
    if not (np.isfinite(a).all() and np.isfinite(slope).all()):
        yield "it does not write a finite value and a finite slope for every number."
        return
    if np.array_equal(a, z):
        yield "it leaves z as it is: the value is to be written over it."
    above, below = bent(z + STEP)[0], bent(z - STEP)[0]
    smooth = np.abs(above - 2 * a + below) < 10 * STEP**1.5  # elsewhere it has a corner
    found = error(slope[smooth], ((above - below) / (2 * STEP))[smooth])
    if not found <= LIMIT:
        yield f"its slope is not its derivative: off by {difference(found)} of central differences."
    if not (found := error(bent(z.astype(np.float32))[0], a)) <= COARSE:
        yield f"in float32 it is off by {difference(found)}."
    extreme = np.array([[-1e4, -50.0, 0.0, 50.0, 1e4]], np.float32)
    with np.errstate(all="ignore"):
        if not all(np.isfinite(one).all() for one in bent(extreme)):
            yield "far from 0 it gives what is no finite number."
    yield from _onnx(section, bend)


def layer(section: PluginKind) -> Faults:
    """Hold the gradient of a network with this layer in it against central differences."""
    chance = np.random.default_rng(0)
    start = chance.bit_generator.state
    made = plugin_kinds.layer(section, width=WIDTH + 1, rng=chance)
    network = Network(WIDTH, [Dense(WIDTH + 1), made, Dense(CLASSES)], dtype=np.float64)
    rng = np.random.default_rng(1)
    network.initialize(rng, weights=glorot, biases=zeros)
    network.parameters += rng.normal(0, 0.1, network.parameters.shape)  # 1 hides a lost factor
    loss = SoftmaxCrossEntropy(CLASSES, dtype=np.float64)
    rows, labels = rng.normal(size=(ROWS, WIDTH)), rng.integers(0, CLASSES, ROWS)
    statistics = network.statistics.copy()

    def total() -> float:
        chance.bit_generator.state = start  # the same mask every time
        np.copyto(network.statistics, statistics)
        network.set_input(rows)
        return float(loss.forward(network.forward(training=True), labels).sum()) / ROWS

    total()
    network.backward(loss.backward(ROWS))
    found = error(network.gradient.copy(), central_differences(total, network.parameters))
    if not found < LIMIT:
        yield f"its gradient is off by {difference(found)} of central differences."
    if not (made.needs_full_batch or plugin_call.accepts(section, "rng")):
        together = _forward(network, rows)
        apart = np.concatenate([_forward(network, some) for some in (rows[:3], rows[3:])])
        if not error(together, apart) <= LIMIT:
            yield "what it makes of a row depends on the others: it has to set needs_full_batch."
    if not np.array_equal(network.logits(rows), network.logits(rows)):
        yield "after training it answers differently each time."
    yield from _onnx(section, made)


def _forward(network: Network, rows: Array) -> Array:
    network.set_input(rows)
    return network.forward(training=True).copy()


def _onnx(section: PluginKind, does: object) -> Faults:
    """Export a small network with this in it, if it says how, and ask every runtime here."""
    if not hasattr(does, "onnx"):
        return
    raw = {
        "name": "trial",
        "summary": "A trial.",
        "data": {"kind": "digits"},
        "preprocess": {"divide": 16},
        "network": {"hidden": [12], "block": ["dense", section.model_dump(mode="json")]},
        "train": {"iterations": 20, "rate": 0.1, "weights": "he"},
    }
    try:
        entry = config.check(raw, where="the trial")
        model = api.train(entry).model.found
        for form in (
            ExportOptions(),
            ExportOptions(opset=min(IR_VERSIONS)),
            ExportOptions(opset=max(IR_VERSIONS)),
        ):
            content = onnx_graph.to_onnx(model, form)
            onnx_safety.checked(content, where="the export")
            verify.verify(content, model, form, sample_inputs(entry))
    except ZooError as fault:
        yield f"in ONNX: {fault}"


def loss(section: PluginKind) -> Faults:
    """Hold the gradient against central differences of the mean of the losses."""
    made = _made_loss(section, np.float64)
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(ROWS, CLASSES)), rng.integers(0, CLASSES, ROWS)

    def total() -> float:
        return float(made.forward(logits.copy(), labels).sum()) / ROWS

    expected = central_differences(total, logits)
    losses = made.forward(logits.copy(), labels)
    if losses.shape != (ROWS,) or not np.isfinite(losses).all():
        yield f"it gives {losses.shape} losses for {ROWS} rows, or some that are not finite."
        return
    right = logits.argmax(axis=1) == labels
    if not np.array_equal(made.margins == 0, right):
        yield "its margins are not 0 where the right class has the largest logit, and only there."
    if not (found := error(made.backward(ROWS), expected)) <= LIMIT:
        yield f"its gradient is off by {difference(found)} of central differences."
    if made.forward(logits[:3].copy(), labels[:3]).shape != (3,):
        yield "it cannot take a smaller batch after a larger one."
    single = _made_loss(section, np.float32)
    for words, scale in (("", 1), (" of large logits", 1e4)):
        with np.errstate(over="ignore", invalid="ignore"):
            losses = single.forward((scale * logits).astype(np.float32), labels)
            gradient = single.backward(ROWS)
        if not (np.isfinite(losses).all() and np.isfinite(gradient).all()):
            yield f"in float32 a loss or a gradient{words} is no finite number."


def _made_loss(section: PluginKind, dtype: npt.DTypeLike) -> Loss:
    smoothing = 0.1 if plugin_call.accepts(section, "smoothing") else 0.0
    return plugin_kinds.loss(section, classes=CLASSES, dtype=np.dtype(dtype), smoothing=smoothing)


def optimizer(section: PluginKind) -> Faults:
    """Take steps twice, and once with a pause in between: equal bits, or it is not resumable."""
    size, steps, pause = BLOCK_SIZE + 7, 8, 3
    start = np.random.default_rng(0).normal(size=size).astype(np.float32)
    is_weight = np.ones(size, np.float32)
    is_weight[::5] = 0

    def walk(pauses: bool) -> npt.NDArray[np.float32]:  # noqa: FBT001 - a word suffices
        w = start.copy()
        made = plugin_kinds.optimizer(section, parameters=w, is_weight=is_weight)
        for number in range(1, steps + 1):
            made.step(w.copy(), learning_rate=0.01, step=number)  # down the bowl |w|² / 2
            if pauses and number == pause:
                kept = {name: one.copy() for name, one in made.state.items()}
                w = w.copy()
                made = plugin_kinds.optimizer(section, parameters=w, is_weight=is_weight)
                for name, one in made.state.items():
                    np.copyto(one, kept[name])
        return w

    straight = walk(pauses=False)
    if not np.isfinite(straight).all() or straight.dtype != np.float32:
        yield "its steps lead to what is no finite float32."
        return
    if np.array_equal(straight, start):
        yield "its steps change nothing: the parameters are to be changed in place."
    if np.linalg.norm(straight) >= np.linalg.norm(start):
        yield "eight steps do not lead down a bowl."
    if not np.array_equal(straight, walk(pauses=False)):
        yield "the same steps lead elsewhere the second time."
    elif not np.array_equal(straight, walk(pauses=True)):
        yield "it is not resumable: what it remembers is not all in `memory`."


def schedule(section: PluginKind) -> Faults:
    """Ask for rates all over a training, and again from behind."""
    rate = plugin_call.function(section, rate=0.1, epochs=10.0)
    places = np.linspace(0, 10, 101).tolist()
    rates = [rate(place) for place in places]
    if not all(isinstance(one, int | float) and 0 <= one < np.inf for one in rates):
        yield "a rate is no finite number of at least 0."
    elif rates != [rate(place) for place in reversed(places)][::-1]:
        yield "its rate depends on more than the epochs done, so that it is not resumable."


def initializer(section: PluginKind) -> Faults:
    """Draw weights and biases, and once more from the same seed."""
    draw = plugin_call.function(section)
    for shape in ((7, 5), (7, 1)):
        first, second = (np.asarray(draw(np.random.default_rng(0), *shape)) for _ in range(2))
        if first.shape != shape or not np.isfinite(first).all():
            yield f"it draws {first.shape} for {shape}, or what is not finite."
        elif not np.array_equal(first, second):
            yield "it draws something else from the same seed."


def augmentation_checks(section: PluginKind) -> Faults:
    """Bend some digits, and once more from the same seed."""
    digits = load_digits()
    does = plugin_call.function(section, shape=digits.shape)
    warps, inks = ((does,), ()) if plugin_call.plugin_type(section) == "warp" else ((), (does,))
    recipe = augment.AugmentationPipeline(warps, inks, 1)
    images = digits.train.images[:40]
    first, second = (
        np.stack([one.copy() for one in augment.samples(images, (8, 8), recipe, times=3, key=1)])
        for _ in range(2)
    )
    if not np.isfinite(first).all():
        yield "it makes pixels that are no finite numbers."
    elif not np.array_equal(first, second):
        yield "it bends otherwise from the same seed."
    elif all(np.array_equal(one, images) for one in first):
        yield "it leaves every picture as it is."


def data(section: PluginKind) -> Faults:
    """Load the rows here and in another Python, and hold them against what the entry says."""
    here = digest(section)
    again = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "zoo.testing", "--digest", section.model_dump_json()],
        env={**os.environ, "PYTHONHASHSEED": "12"},
        capture_output=True,
        check=False,
        text=True,
    )
    if again.stdout.strip() != here:
        yield "it gives other rows the second time: no training on it could be repeated."


def digest(section: PluginKind) -> str:
    """Return the digest of the rows behind a kind."""
    if not isinstance(section, PluginData):
        raise ConfigError("An entry has to name it, since that says what it is like.")
    return load(section, locations_from_environment(offline=True)).digest


def entry(found: config.Entry) -> Faults:
    """Rehearse the training on rows by chance, and read what weights there are."""
    estimate(found, count().__next__)
    if found.weights:
        api.load(found.name)
    yield from ()


TRIALS: dict[str, Callable[[PluginKind], Faults]] = {
    "data": data,
    "layer": layer,
    "activation": activation,
    "loss": loss,
    "optimizer": optimizer,
    "schedule": schedule,
    "initializer": initializer,
    "warp": augmentation_checks,
    "intensity": augmentation_checks,
}
