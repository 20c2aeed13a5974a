"""Checks of plugin kinds: gradients, state, seeds and ONNX export.

A check takes a kind with its options and yields a sentence for each problem.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import numpy.typing as npt

from zoo import api
from zoo.config import load, plugin_call
from zoo.config.base import PluginKind
from zoo.config.datasets import PluginData
from zoo.config.entry import Entry
from zoo.data import augment
from zoo.data.digits import load_digits
from zoo.data.load import load as load_dataset
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
from zoo.testing.gradients import STEP, central_differences, relative_error
from zoo.training import plugin_kinds
from zoo.training.estimate import estimate

Problems = Iterator[str]

LIMIT = 1e-5  # the maximum relative error of a gradient, in float64
FLOAT32_LIMIT = 1e-5  # the maximum relative error of float32 to float64
ROWS, WIDTH, UNITS, CLASSES = 8, 6, 7, 5


def activation(section: PluginKind) -> Problems:
    """Compare derivatives with central differences, float32 with float64; verify the export."""
    function = plugin_call.function(section)

    def activate(z: Array) -> tuple[Array, Array]:
        a, derivative = z.copy(), np.full_like(z, np.nan)
        function(a, derivative)
        return a, derivative

    z = np.random.default_rng(0).normal(0, 2, (ROWS, 40))
    a, derivative = activate(z)
    if not (np.isfinite(a).all() and np.isfinite(derivative).all()):
        yield "it does not write a finite value and a finite derivative for every number."
        return
    if np.array_equal(a, z):
        yield "it does not change z; it must write the value into z."
    above, below = activate(z + STEP)[0], activate(z - STEP)[0]
    smooth = np.abs(above - 2 * a + below) < 10 * STEP**1.5  # elsewhere it has a kink
    off = relative_error(derivative[smooth], ((above - below) / (2 * STEP))[smooth])
    if not off <= LIMIT:
        yield f"its derivative is off by {difference(off)} from central differences."
    if not (off := relative_error(activate(z.astype(np.float32))[0], a)) <= FLOAT32_LIMIT:
        yield f"in float32 it is off by {difference(off)}."
    extreme = np.array([[-1e4, -50.0, 0.0, 50.0, 1e4]], np.float32)
    with np.errstate(all="ignore"):
        if not all(np.isfinite(array).all() for array in activate(extreme)):
            yield "far from 0 its value or its derivative is NaN or infinite."
    yield from _onnx(section, function)


def layer(section: PluginKind) -> Problems:
    """Compare the gradient of a network that has this layer with central differences."""
    layer_rng = np.random.default_rng(0)
    start = layer_rng.bit_generator.state
    plugin_layer = plugin_kinds.layer(section, inputs=UNITS, rng=layer_rng)
    layers = [Dense(WIDTH, UNITS), plugin_layer, Dense(UNITS, CLASSES)]
    network = Network(layers, dtype=np.float64)
    rng = np.random.default_rng(1)
    network.initialize(rng, weights=glorot, biases=zeros)
    # a plugin's factor that starts at 1 would hide that its gradient lacks the factor
    network.parameters += rng.normal(0, 0.1, network.parameters.shape)
    loss = SoftmaxCrossEntropy(CLASSES, dtype=np.float64)
    rows, labels = rng.normal(size=(ROWS, WIDTH)), rng.integers(0, CLASSES, ROWS)
    statistics = network.statistics.copy()

    def forward(batch: Array) -> Array:
        return network.forward(network.prepare(batch), training=True)

    def total() -> float:
        layer_rng.bit_generator.state = start  # dropout must use the same mask every time
        np.copyto(network.statistics, statistics)
        return float(loss.forward(forward(rows), labels).sum()) / ROWS

    total()
    network.backward(loss.backward(ROWS))
    off = relative_error(network.gradient.copy(), central_differences(total, network.parameters))
    if not off < LIMIT:
        yield f"its gradient is off by {difference(off)} from central differences."
    if not (plugin_layer.needs_full_batch or plugin_call.accepts(section, "rng")):
        together = forward(rows).copy()
        apart = np.concatenate([forward(part).copy() for part in (rows[:3], rows[3:])])
        if not relative_error(together, apart) <= LIMIT:
            yield "its output for a row depends on other rows; it must set needs_full_batch."
    if not np.array_equal(network.logits(rows), network.logits(rows)):
        yield "after training its output differs from call to call."
    yield from _onnx(section, plugin_layer)


def _onnx(section: PluginKind, plugin: object) -> Problems:
    """Export a small network that has this kind, and verify it with the installed runtimes."""
    if not hasattr(plugin, "onnx"):
        return
    raw = {
        "name": "check",
        "summary": "A check.",
        "data": {"kind": "digits"},
        "preprocess": {"divide": 16},
        "network": {"hidden": [12], "block": ["dense", section.model_dump(mode="json")]},
        "train": {"iterations": 20, "rate": 0.1, "weights": "he"},
    }
    try:
        entry = load.check(raw, where="the check")
        model = api.train(entry).model.wrapped
        for form in (
            ExportOptions(),
            ExportOptions(opset=min(IR_VERSIONS)),
            ExportOptions(opset=max(IR_VERSIONS)),
        ):
            content = onnx_graph.to_onnx(model, form)
            onnx_safety.checked(content, where="the export")
            verify.verify(content, model, form, sample_inputs(entry))
    except ZooError as problem:
        yield f"in ONNX: {problem}"


def loss(section: PluginKind) -> Problems:
    """Compare the gradient with central differences of the mean loss."""
    double = _plugin_loss(section, np.float64)
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(ROWS, CLASSES)), rng.integers(0, CLASSES, ROWS)

    def total() -> float:
        return float(double.forward(logits.copy(), labels).sum()) / ROWS

    expected = central_differences(total, logits)
    losses = double.forward(logits.copy(), labels)
    if losses.shape != (ROWS,) or not np.isfinite(losses).all():
        yield f"for {ROWS} rows it returns losses of shape {losses.shape}, or NaN or infinite ones."
        return
    right = logits.argmax(axis=1) == labels
    if not np.array_equal(double.margins == 0, right):
        yield "its margins are not 0 exactly where the label has the largest logit."
    if not (off := relative_error(double.backward(ROWS), expected)) <= LIMIT:
        yield f"its gradient is off by {difference(off)} from central differences."
    if double.forward(logits[:3].copy(), labels[:3]).shape != (3,):
        yield "it cannot take a smaller batch after a larger one."
    single = _plugin_loss(section, np.float32)
    for suffix, scale in (("", 1), (" of large logits", 1e4)):
        with np.errstate(over="ignore", invalid="ignore"):
            losses = single.forward((scale * logits).astype(np.float32), labels)
            gradient = single.backward(ROWS)
        if not (np.isfinite(losses).all() and np.isfinite(gradient).all()):
            yield f"in float32 a loss or a gradient{suffix} is NaN or infinite."


def _plugin_loss(section: PluginKind, dtype: npt.DTypeLike) -> Loss:
    smoothing = 0.1 if plugin_call.accepts(section, "smoothing") else 0.0
    return plugin_kinds.loss(section, classes=CLASSES, dtype=np.dtype(dtype), smoothing=smoothing)


def optimizer(section: PluginKind) -> Problems:
    """Take steps twice, and once with a restart in between; the bits must be equal."""
    size, steps, restart = BLOCK_SIZE + 7, 8, 3
    start = np.random.default_rng(0).normal(size=size).astype(np.float32)
    is_weight = np.ones(size, np.float32)
    is_weight[::5] = 0

    def minimize(restarts: bool) -> npt.NDArray[np.float32]:  # noqa: FBT001 - used by keyword
        w = start.copy()
        minimizer = plugin_kinds.optimizer(section, parameters=w, is_weight=is_weight)
        for number in range(1, steps + 1):
            minimizer.step(w.copy(), learning_rate=0.01, step=number)  # the gradient of |w|² / 2
            if restarts and number == restart:
                saved = {name: array.copy() for name, array in minimizer.state.items()}
                w = w.copy()
                minimizer = plugin_kinds.optimizer(section, parameters=w, is_weight=is_weight)
                for name, array in minimizer.state.items():
                    np.copyto(array, saved[name])
        return w

    result = minimize(restarts=False)
    if not np.isfinite(result).all() or result.dtype != np.float32:
        yield "after its steps the parameters are NaN, infinite or not float32."
        return
    if np.array_equal(result, start):
        yield "its steps do not change the parameters; it must change them in place."
    if np.linalg.norm(result) >= np.linalg.norm(start):
        yield "eight steps do not reduce |w|² / 2."
    if not np.array_equal(result, minimize(restarts=False)):
        yield "the same steps lead to other parameters the second time."
    elif not np.array_equal(result, minimize(restarts=True)):
        yield "it is not resumable: `state` does not hold everything that its steps depend on."


def schedule(section: PluginKind) -> Problems:
    """Call the schedule for epochs of a whole training, and again in reverse order."""
    rate = plugin_call.function(section, rate=0.1, epochs=10.0)
    epochs = np.linspace(0, 10, 101).tolist()
    rates = [rate(epoch) for epoch in epochs]
    if not all(isinstance(value, int | float) and 0 <= value < np.inf for value in rates):
        yield "a rate is NaN, infinite or below 0."
    elif rates != [rate(epoch) for epoch in reversed(epochs)][::-1]:
        yield "its rate depends on more than the epoch, so it is not resumable."


def initializer(section: PluginKind) -> Problems:
    """Draw weights and biases twice from the same seed."""
    draw = plugin_call.function(section)
    for shape in ((7, 5), (7, 1)):
        first, second = (np.asarray(draw(np.random.default_rng(0), *shape)) for _ in range(2))
        if first.shape != shape or not np.isfinite(first).all():
            yield f"it returns shape {first.shape}, expected {shape}; or NaN or infinite values."
        elif not np.array_equal(first, second):
            yield "it draws other values from the same seed."


def augmentation_checks(section: PluginKind) -> Problems:
    """Augment some digits twice from the same seed."""
    digits = load_digits()
    transform = plugin_call.function(section, shape=digits.shape)
    is_warp = plugin_call.plugin_type(section) == "warp"
    warps, intensities = ((transform,), ()) if is_warp else ((), (transform,))
    pipeline = augment.AugmentationPipeline(warps, intensities, 1)
    images = digits.train.images[:40]
    first, second = (
        np.stack(
            [rows.copy() for rows in augment.samples(images, (8, 8), pipeline, times=3, key=1)]
        )
        for _ in range(2)
    )
    if not np.isfinite(first).all():
        yield "it returns NaN or infinite pixels."
    elif not np.array_equal(first, second):
        yield "it returns other images from the same seed."
    elif all(np.array_equal(rows, images) for rows in first):
        yield "it does not change any image."


def data(section: PluginKind) -> Problems:
    """Load the rows in this process and in a second one, and compare them with the entry."""
    expected = digest(section)
    child = subprocess.run(  # noqa: S603 - runs a module of zoo
        [sys.executable, "-P", "-m", "zoo.testing", "--digest", section.model_dump_json()],
        env={**os.environ, "PYTHONHASHSEED": "12"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if child.stdout.strip() != expected:
        yield "it returns other rows the second time, so no training on it is reproducible."


def digest(section: PluginKind) -> str:
    """Return the digest of the rows of a data kind."""
    if not isinstance(section, PluginData):
        raise ConfigError("A data kind needs an entry that names it.")
    return load_dataset(section, locations_from_environment(offline=True)).digest


def check_entry(checked: Entry) -> Problems:
    """Train a few steps on random rows, and load the weights if there are any."""
    estimate(checked, count().__next__)
    if checked.weights:
        api.load(checked.name)
    yield from ()


CHECKS: dict[str, Callable[[PluginKind], Problems]] = {
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
