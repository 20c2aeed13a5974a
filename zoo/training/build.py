"""The one place where a config becomes arrays: networks, optimizers, schedules, splits."""

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.config import entry as config
from zoo.config import kinds, plugin_call
from zoo.data import augment, warps
from zoo.data.dataset import Dataset
from zoo.data.splits import Splits, Subset, split
from zoo.errors import ConfigError
from zoo.nn import activations, initializers, layers, matmul, optimizers, schedules
from zoo.nn.losses import L2, Loss, SoftmaxCrossEntropy
from zoo.nn.network import Network
from zoo.training import plugin_kinds

Generator = np.random.Generator

TILE_ROWS = (
    1024  # rows of a larger batch that go up and down together; more of them where they are narrow
)
TILE_VALUES = 784 * TILE_ROWS  # values of a tile in the widest layer, up to which it may grow
REPORT_ITERATIONS = 50  # as the READMEs print


def make_rngs(seed: int) -> dict[str, Generator]:
    """Return a generator for each use of chance, so that changing one does not move the others."""
    children = np.random.SeedSequence(seed).spawn(4)
    return {
        name: np.random.default_rng(child)
        for name, child in zip(("initial", "order", "dropout", "augment"), children, strict=True)
    }


def network(
    entry: config.Entry, rngs: dict[str, Generator], *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with its first weights drawn."""
    network = build_network(entry, rngs["dropout"], dtype=dtype)
    network.initialize(
        rngs["initial"],
        weights=_initializer(entry.train.weights),
        biases=_initializer(entry.train.biases),
    )
    return network


def build_network(
    entry: config.Entry, dropout: Generator, *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with all its weights 0."""
    check_memory(entry)
    return Network(
        entry.data.features,
        [_layer(placed, dropout) for placed in entry.layers],
        scale=entry.preprocess.scale,
        shift=entry.preprocess.shift,
        dtype=dtype,
    )


def _layer(spec: config.LayerSpec, rng: Generator) -> layers.Layer:  # noqa: PLR0911 - one return for each kind there is
    match spec.layer:
        case kinds.Dense():
            return layers.Dense(spec.outputs)
        case kinds.Relu():
            return layers.Activation(activations.relu)
        case kinds.LeakyRelu(leak=leak):
            return layers.Activation(activations.leaky_relu(leak))
        case kinds.Sigmoid():
            return layers.Activation(activations.sigmoid)
        case kinds.Tanh():
            return layers.Activation(activations.tanh)
        case kinds.Dropout(rate=rate):
            return layers.Dropout(rate, rng=rng)
        case kinds.BatchNorm(momentum=momentum):
            return layers.BatchNorm(momentum)
        case kinds.PluginLayer() as plugin:
            return plugin_kinds.layer(plugin, width=spec.inputs, rng=rng)


def _initializer(config: kinds.Weights | kinds.Biases) -> initializers.Initializer:
    match config:
        case kinds.Zeros():
            return initializers.zeros
        case kinds.Uniform(low=low, high=high):
            return initializers.uniform(low, high)
        case kinds.Normal(std=std):
            return initializers.normal(std)
        case kinds.He():
            return initializers.he
        case kinds.Glorot():
            return initializers.glorot
        case kinds.PluginInitializer() as plugin:
            return plugin_kinds.initializer(plugin)


def optimizer(chosen: kinds.OptimizerConfig, network: Network) -> optimizers.Optimizer:
    """Return what makes the steps of this network."""
    parameters = network.parameters
    match chosen:
        case kinds.Sgd(momentum=0):
            return optimizers.SGD(parameters)
        case kinds.Sgd(momentum=momentum, nesterov=nesterov):
            return optimizers.Momentum(parameters, momentum=momentum, nesterov=nesterov)
        case kinds.RmsProp(decay=decay):
            return optimizers.RMSprop(parameters, decay=decay)
        case kinds.Adam(beta1=beta1, beta2=beta2):
            return optimizers.Adam(parameters, beta1=beta1, beta2=beta2)
        case kinds.AdamW(decay=decay, beta1=beta1, beta2=beta2):
            return optimizers.AdamW(
                parameters, decay=decay, is_weight=network.is_weight, beta1=beta1, beta2=beta2
            )
        case kinds.PluginOptimizer() as plugin:
            return plugin_kinds.optimizer(
                plugin, parameters=parameters, is_weight=network.is_weight
            )


def loss(train: config.TrainConfig, network: Network) -> Loss:
    """Return what this network is trained to make small, but for L2."""
    match train.loss:
        case kinds.CrossEntropy():
            return SoftmaxCrossEntropy(
                network.classes, smoothing=train.label_smoothing, dtype=network.dtype
            )
        case kinds.PluginLoss() as plugin:
            smoothing = train.label_smoothing
            if smoothing and not plugin_call.accepts(plugin, "smoothing"):
                raise ConfigError(f"train.label_smoothing: {plugin.kind} smooths no labels.")
            return plugin_kinds.loss(
                plugin, classes=network.classes, dtype=network.dtype, smoothing=smoothing
            )


def schedule(train: config.TrainConfig, *, epochs: float) -> schedules.Schedule:
    """Return the rate as a function of the epochs done, over a training of so many epochs."""
    warming = train.schedule.warm_up * epochs
    match train.schedule:
        case kinds.ConstantSchedule():
            chosen = schedules.constant(train.rate)
        case kinds.StepSchedule(every=every, factor=factor):
            chosen = schedules.step_decay(train.rate, every=every, factor=factor)
        case kinds.ExponentialSchedule(factor=factor):
            chosen = schedules.exponential_decay(train.rate, factor=factor)
        case kinds.CosineSchedule():
            chosen = schedules.cosine_decay(train.rate, epochs=epochs - warming)
        case kinds.PluginSchedule() as plugin:
            chosen = plugin_kinds.schedule(plugin, rate=train.rate, epochs=epochs - warming)
    return schedules.warm_up(chosen, epochs=warming) if warming else chosen


def augmentation(train: config.TrainConfig, shape: tuple[int, int]) -> augment.AugmentationPipeline:
    """Return how pictures of this shape are bent for each epoch."""
    applied_warps: list[warps.Warp] = []
    inks: list[augment.IntensityTransform] = []
    for chosen in train.augment:
        if isinstance(chosen, kinds.PluginAugmentation):
            into = applied_warps if plugin_call.plugin_type(chosen) == "warp" else inks
            into.append(plugin_call.function(chosen, shape=shape))
        elif isinstance(chosen, kinds.Stroke):
            inks.append(augment.stroke_width(chosen.share))
        else:
            applied_warps.append(_warp(chosen))
    return augment.AugmentationPipeline(tuple(applied_warps), tuple(inks), train.together)


def _warp(chosen: kinds.WarpConfig) -> warps.Warp:
    match chosen:
        case kinds.Shift(pixels=pixels):
            return warps.shift(pixels)
        case kinds.Rotate(degrees=degrees):
            return warps.rotate(degrees)
        case kinds.Scale(share=share):
            return warps.scale(share)
        case kinds.Shear(share=share):
            return warps.shear(share)
        case kinds.Elastic(alpha=alpha, sigma=sigma):
            return warps.elastic(alpha, sigma)


def augmented(
    train: config.TrainConfig, subset: Subset, shape: tuple[int, int], *, batch: int
) -> augment.Augmented | None:
    """Return the pictures of a part as they are bent for each epoch; nothing, if they are not."""
    recipe = augmentation(train, shape)
    return augment.Augmented(subset.images, shape, recipe, batch=batch) if recipe else None


def splits(entry: config.Entry, dataset: Dataset, *, seed: int) -> Splits:
    """Return the entry's splits; without a seed of their own they are drawn by the run's."""
    requested = entry.data.split
    return split(
        dataset,
        seed=seed if requested.seed is None else requested.seed,
        train=requested.train,
        validation=requested.validation,
        test=requested.test,
    )


def subsets(splits: Splits) -> dict[config.SplitName, Subset]:
    """Return the splits that there are by name."""
    named: dict[config.SplitName, Subset | None] = {
        "train": splits.train,
        "validation": splits.validation,
        "test": splits.test,
    }
    return {name: subset for name, subset in named.items() if subset}


@dataclass(frozen=True)
class TrainingPlan:
    """How to train: all that the loop needs beside the network and the data."""

    loss: Loss
    l2: L2 | None
    optimizer: optimizers.Optimizer
    schedule: schedules.Schedule
    clip: float
    average: float
    patience: int | None
    batch: int
    tile_rows: int
    steps: int
    report_every: int  # steps
    previous_steps: int = 0  # steps that were made by others, with the same optimizer


def plan(train: config.TrainConfig, network: Network, *, rows: int) -> TrainingPlan:
    """Return how this network is trained on so many rows."""
    batch = train.batch or rows
    if batch > rows:
        raise ConfigError(f"train.batch is {batch:,}, and there are {rows:,} rows to train on.")
    steps, steps_per_epoch = train.steps(rows), train.steps_per_epoch(rows)
    return TrainingPlan(
        loss=loss(train, network),
        l2=L2(train.l2, network.is_weight) if train.l2 else None,
        optimizer=optimizer(train.optimizer, network),
        schedule=schedule(train, epochs=steps / steps_per_epoch),
        clip=train.clip,
        average=train.average,
        patience=train.patience,
        batch=batch,
        tile_rows=rows_per_tile(
            network.inputs, *(layer.inputs for layer in network.layers), network.classes
        ),
        steps=steps,
        report_every=REPORT_ITERATIONS if train.iterations else steps_per_epoch,
    )


def rows_per_tile(*widths: int) -> int:
    """Return how many rows of a larger batch go up and down together: they stay in the cache."""
    return max(TILE_VALUES // max(widths) // matmul.BLOCK_ROWS * matmul.BLOCK_ROWS, TILE_ROWS)


def check_memory(entry: config.Entry) -> None:
    """Raise before anything is allocated, if this machine's memory could not hold the training."""
    needed, available = bytes_needed(entry), _total_memory()
    if needed > available:
        raise ConfigError(
            f"{entry.architecture} needs about {needed / 1e9:,.1f} GB to train, "
            f"and this machine has {available / 1e9:,.1f} GB.",
            hint="Fewer hidden units or a smaller batch need less.",
        )


def bytes_needed(entry: config.Entry) -> int:
    """Estimate the memory of a training: flat vectors, buffers of a tile, the pictures, Python.

    The vectors: parameters, gradient, its sum, what is a weight, the optimizer's two memories, L2's
    two, the first weights in float64, the average and the best ones, and a checkpoint's copies.
    """
    vectors = 16
    full_batch = any(
        isinstance(placed.layer, kinds.BatchNorm | kinds.PluginLayer) for placed in entry.layers
    )
    batch = entry.train.batch or entry.data.train_rows
    outputs = [placed.outputs for placed in entry.layers]
    rows = batch if full_batch else min(batch, rows_per_tile(entry.data.features, *outputs))
    widths = sum(2 * width for width in outputs) + 2 * entry.data.features
    images = (entry.data.source.train + entry.data.source.test) * entry.data.features
    if entry.train.augment:
        widths += 2 * entry.data.features
        rows = max(rows, batch, augment.BLOCK_ROWS)
    return 4 * (vectors * entry.parameters + rows * widths) + 3 * images + 60_000_000


def _total_memory() -> int:
    """Return the bytes of memory in this machine, or plenty where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 2**36
