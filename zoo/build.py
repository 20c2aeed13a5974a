"""The one place where a config becomes arrays: networks, optimizers, schedules, splits."""

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo import brought, config, kinds
from zoo.data import augment
from zoo.data.dataset import Dataset
from zoo.data.splits import Part, Splits, split
from zoo.errors import ConfigError
from zoo.nn import activations, initializers, layers, optimizers, products, schedules
from zoo.nn.losses import L2, Loss, SoftmaxCrossEntropy
from zoo.nn.network import Network

Generator = np.random.Generator

TILE = (
    1024  # rows of a larger batch that go up and down together; more of them where they are narrow
)
NARROW = 784 * TILE  # values of a tile in the widest layer, up to which it may grow
REPORT_ITERATIONS = 50  # as the READMEs print


def generators(seed: int) -> dict[str, Generator]:
    """Return a generator for each use of chance, so that changing one does not move the others."""
    children = np.random.SeedSequence(seed).spawn(4)
    return {
        name: np.random.default_rng(child)
        for name, child in zip(("initial", "order", "dropout", "augment"), children, strict=True)
    }


def network(
    entry: config.Entry, chance: dict[str, Generator], *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with its first weights drawn."""
    built = untrained(entry, chance["dropout"], dtype=dtype)
    built.initialize(
        chance["initial"],
        weights=_initializer(entry.train.weights),
        biases=_initializer(entry.train.biases),
    )
    return built


def untrained(
    entry: config.Entry, dropout: Generator, *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with all its weights 0."""
    refuse_too_large(entry)
    return Network(
        entry.data.features,
        [_layer(placed, dropout) for placed in entry.layers],
        scale=entry.preprocess.scale,
        shift=entry.preprocess.shift,
        dtype=dtype,
    )


def _layer(  # noqa: PLR0911 - one return for each kind there is
    placed: config.Placed, rng: Generator
) -> layers.Layer:
    match placed.layer:
        case kinds.Dense():
            return layers.Dense(placed.outputs)
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
        case kinds.BroughtLayer() as theirs:
            return brought.layer(theirs, width=placed.inputs, rng=rng)


def _initializer(chosen: kinds.Weights | kinds.Biases) -> initializers.Initializer:
    match chosen:
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
        case kinds.BroughtInitializer() as theirs:
            return brought.initializer(theirs)


def optimizer(chosen: kinds.Optimizer, built: Network) -> optimizers.Optimizer:
    """Return what makes the steps of this network."""
    parameters = built.parameters
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
                parameters, decay=decay, is_weight=built.is_weight, beta1=beta1, beta2=beta2
            )
        case kinds.BroughtOptimizer() as theirs:
            return brought.optimizer(theirs, parameters=parameters, is_weight=built.is_weight)


def loss(train: config.Train, built: Network) -> Loss:
    """Return what this network is trained to make small, but for L2."""
    match train.loss:
        case kinds.CrossEntropy():
            return SoftmaxCrossEntropy(
                built.classes, smoothing=train.label_smoothing, dtype=built.dtype
            )
        case kinds.BroughtLoss() as theirs:
            smoothing = train.label_smoothing
            if smoothing and not brought.asks_for(theirs, "smoothing"):
                raise ConfigError(f"train.label_smoothing: {theirs.kind} smooths no labels.")
            return brought.loss(
                theirs, classes=built.classes, dtype=built.dtype, smoothing=smoothing
            )


def schedule(train: config.Train, *, epochs: float) -> schedules.Schedule:
    """Return the rate as a function of the epochs done, over a training of so many epochs."""
    warming = train.schedule.warm_up * epochs
    match train.schedule:
        case kinds.Constant():
            chosen = schedules.constant(train.rate)
        case kinds.Step(every=every, factor=factor):
            chosen = schedules.step_decay(train.rate, every=every, factor=factor)
        case kinds.Exponential(factor=factor):
            chosen = schedules.exponential_decay(train.rate, factor=factor)
        case kinds.Cosine():
            chosen = schedules.cosine_decay(train.rate, epochs=epochs - warming)
        case kinds.BroughtSchedule() as theirs:
            chosen = brought.schedule(theirs, rate=train.rate, epochs=epochs - warming)
    return schedules.warm_up(chosen, epochs=warming) if warming else chosen


def augmentation(train: config.Train, shape: tuple[int, int]) -> augment.Recipe:
    """Return how pictures of this shape are bent for each epoch."""
    warps: list[augment.Warp] = []
    inks: list[augment.Ink] = []
    for chosen in train.augment:
        if isinstance(chosen, kinds.BroughtAugmentation):
            into = warps if brought.sort_of(chosen) == "warp" else inks
            into.append(brought.function(chosen, shape=shape))
        elif isinstance(chosen, kinds.Stroke):
            inks.append(augment.stroke(chosen.share))
        else:
            warps.append(_warp(chosen))
    return augment.Recipe(tuple(warps), tuple(inks), train.together)


def _warp(chosen: kinds.Warp) -> augment.Warp:
    match chosen:
        case kinds.Shift(pixels=pixels):
            return augment.shift(pixels)
        case kinds.Rotate(degrees=degrees):
            return augment.rotate(degrees)
        case kinds.Scale(share=share):
            return augment.scale(share)
        case kinds.Shear(share=share):
            return augment.shear(share)
        case kinds.Elastic(alpha=alpha, sigma=sigma):
            return augment.elastic(alpha, sigma)


def bent(
    train: config.Train, part: Part, shape: tuple[int, int], *, batch: int
) -> augment.Augmented | None:
    """Return the pictures of a part as they are bent for each epoch; nothing, if they are not."""
    recipe = augmentation(train, shape)
    return augment.Augmented(part.images, shape, recipe, batch=batch) if recipe else None


def splits(entry: config.Entry, dataset: Dataset, *, seed: int) -> Splits:
    """Return the entry's splits; without a seed of their own they are drawn by the run's."""
    wanted = entry.data.split
    return split(
        dataset,
        seed=seed if wanted.seed is None else wanted.seed,
        train=wanted.train,
        validation=wanted.validation,
        test=wanted.test,
    )


def parts(drawn: Splits) -> dict[config.SplitName, Part]:
    """Return the splits that there are by name."""
    named: dict[config.SplitName, Part | None] = {
        "train": drawn.train,
        "validation": drawn.validation,
        "test": drawn.test,
    }
    return {name: part for name, part in named.items() if part}


@dataclass(frozen=True)
class Plan:
    """How to train: all that the loop needs beside the network and the data."""

    loss: Loss
    l2: L2 | None
    optimizer: optimizers.Optimizer
    schedule: schedules.Schedule
    clip: float
    average: float
    patience: int | None
    batch: int
    tile: int
    steps: int
    report_every: int  # steps
    before: int = 0  # steps that were made by others, with the same optimizer


def plan(train: config.Train, built: Network, *, rows: int) -> Plan:
    """Return how this network is trained on so many rows."""
    batch = train.batch or rows
    if batch > rows:
        raise ConfigError(f"train.batch is {batch:,}, and there are {rows:,} rows to train on.")
    steps, steps_per_epoch = train.steps(rows), train.steps_per_epoch(rows)
    return Plan(
        loss=loss(train, built),
        l2=L2(train.l2, built.is_weight) if train.l2 else None,
        optimizer=optimizer(train.optimizer, built),
        schedule=schedule(train, epochs=steps / steps_per_epoch),
        clip=train.clip,
        average=train.average,
        patience=train.patience,
        batch=batch,
        tile=tile(built.inputs, *(layer.inputs for layer in built.layers), built.classes),
        steps=steps,
        report_every=REPORT_ITERATIONS if train.iterations else steps_per_epoch,
    )


def tile(*widths: int) -> int:
    """Return how many rows of a larger batch go up and down together: they stay in the cache."""
    return max(NARROW // max(widths) // products.ROWS * products.ROWS, TILE)


def refuse_too_large(entry: config.Entry) -> None:
    """Raise before anything is allocated, if this machine's memory could not hold the training."""
    needed, there = bytes_needed(entry), _memory()
    if needed > there:
        raise ConfigError(
            f"{entry.shape} needs about {needed / 1e9:,.1f} GB to train, "
            f"and this machine has {there / 1e9:,.1f} GB.",
            hint="Fewer hidden units or a smaller batch need less.",
        )


def bytes_needed(entry: config.Entry) -> int:
    """Estimate the memory of a training: flat vectors, buffers of a tile, the pictures, Python.

    The vectors: parameters, gradient, its sum, what is a weight, the optimizer's two memories, L2's
    two, the first weights in float64, the average and the best ones, and a checkpoint's copies.
    """
    vectors = 16
    whole = any(
        isinstance(placed.layer, kinds.BatchNorm | kinds.BroughtLayer) for placed in entry.layers
    )
    batch = entry.train.batch or entry.data.train_rows
    outputs = [placed.outputs for placed in entry.layers]
    rows = batch if whole else min(batch, tile(entry.data.features, *outputs))
    widths = sum(2 * width for width in outputs) + 2 * entry.data.features
    pictures = (entry.data.source.train + entry.data.source.test) * entry.data.features
    if entry.train.augment:
        widths += 2 * entry.data.features
        rows = max(rows, batch, augment.BLOCK)
    return 4 * (vectors * entry.parameters + rows * widths) + 3 * pictures + 60_000_000


def _memory() -> int:
    """Return the bytes of memory in this machine, or plenty where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 2**36
