"""Networks, optimizers, losses, schedules and splits, built from an entry's config."""

import numpy as np
import numpy.typing as npt

from zoo.config import plugin_call
from zoo.config.augmentation import (
    Elastic,
    PluginAugmentation,
    Rotate,
    Scale,
    Shear,
    Shift,
    Stroke,
    WarpConfig,
)
from zoo.config.entry import Entry, LayerSpec, SplitName, TrainConfig
from zoo.config.layers import (
    BatchNorm,
    Biases,
    Dense,
    Dropout,
    Glorot,
    He,
    LeakyRelu,
    Normal,
    PluginInitializer,
    PluginLayer,
    Relu,
    Sigmoid,
    Tanh,
    Uniform,
    Weights,
    Zeros,
)
from zoo.config.optimization import (
    Adam,
    AdamW,
    ConstantSchedule,
    CosineSchedule,
    CrossEntropy,
    ExponentialSchedule,
    OptimizerConfig,
    PluginLoss,
    PluginOptimizer,
    PluginSchedule,
    RmsProp,
    Sgd,
    StepSchedule,
)
from zoo.data import augment, warps
from zoo.data.dataset import Dataset
from zoo.data.splits import Splits, Subset, split
from zoo.errors import ConfigError
from zoo.nn import activations, initializers, layers, optimizers, schedules
from zoo.nn.losses import L2, Loss, SoftmaxCrossEntropy
from zoo.nn.network import Network
from zoo.training import plugin_kinds
from zoo.training.batches import Batches, FullBatch, Rngs, ShuffledBatches
from zoo.training.loop import TrainingPlan
from zoo.training.memory import check_memory, rows_per_tile

Generator = np.random.Generator

REPORT_ITERATIONS = 50  # the originals print every 50 iterations


def make_rngs(seed: int) -> dict[str, Generator]:
    """Return one rng per use: drawing more numbers from one does not change the others."""
    children = np.random.SeedSequence(seed).spawn(4)
    return {
        name: np.random.default_rng(child)
        for name, child in zip(("initial", "order", "dropout", "augment"), children, strict=True)
    }


def network(
    entry: Entry, rngs: dict[str, Generator], *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with its initial weights."""
    network = build_network(entry, rngs["dropout"], dtype=dtype)
    network.initialize(
        rngs["initial"],
        weights=_initializer(entry.train.weights),
        biases=_initializer(entry.train.biases),
    )
    return network


def build_network(
    entry: Entry, dropout: Generator, *, dtype: npt.DTypeLike = np.float32
) -> Network:
    """Return the entry's network with all weights 0."""
    check_memory(entry)
    return Network(
        [_layer(spec, dropout) for spec in entry.layers],
        scale=entry.preprocess.scale,
        shift=entry.preprocess.shift,
        means=entry.preprocess.column_means,
        dtype=dtype,
    )


def _layer(spec: LayerSpec, rng: Generator) -> layers.Layer:  # noqa: PLR0911 - one return per kind
    match spec.layer:
        case Dense():
            return layers.Dense(spec.inputs, spec.outputs)
        case Relu():
            return layers.Activation(activations.relu)
        case LeakyRelu(leak=leak):
            return layers.Activation(activations.leaky_relu(leak))
        case Sigmoid():
            return layers.Activation(activations.sigmoid)
        case Tanh():
            return layers.Activation(activations.tanh)
        case Dropout(rate=rate):
            return layers.Dropout(rate, rng=rng)
        case BatchNorm(momentum=momentum):
            return layers.BatchNorm(spec.inputs, momentum)
        case PluginLayer() as plugin:
            return plugin_kinds.layer(plugin, inputs=spec.inputs, rng=rng)


def _initializer(config: Weights | Biases) -> initializers.Initializer:
    match config:
        case Zeros():
            return initializers.zeros
        case Uniform(low=low, high=high):
            return initializers.uniform(low, high)
        case Normal(std=std):
            return initializers.normal(std)
        case He():
            return initializers.he
        case Glorot():
            return initializers.glorot
        case PluginInitializer() as plugin:
            return plugin_kinds.initializer(plugin)


def optimizer(config: OptimizerConfig, network: Network) -> optimizers.Optimizer:
    """Return the optimizer of this network's parameters."""
    parameters = network.parameters
    match config:
        case Sgd(momentum=0):
            return optimizers.SGD(parameters)
        case Sgd(momentum=momentum, nesterov=nesterov):
            return optimizers.Momentum(parameters, momentum=momentum, nesterov=nesterov)
        case RmsProp(decay=decay):
            return optimizers.RMSprop(parameters, decay=decay)
        case Adam(beta1=beta1, beta2=beta2):
            return optimizers.Adam(parameters, beta1=beta1, beta2=beta2)
        case AdamW(decay=decay, beta1=beta1, beta2=beta2):
            return optimizers.AdamW(
                parameters, decay=decay, is_weight=network.is_weight, beta1=beta1, beta2=beta2
            )
        case PluginOptimizer() as plugin:
            return plugin_kinds.optimizer(
                plugin, parameters=parameters, is_weight=network.is_weight
            )


def loss(train: TrainConfig, network: Network) -> Loss:
    """Return the loss of this network, without L2."""
    match train.loss:
        case CrossEntropy():
            return SoftmaxCrossEntropy(
                network.classes, smoothing=train.label_smoothing, dtype=network.dtype
            )
        case PluginLoss() as plugin:
            smoothing = train.label_smoothing
            if smoothing and not plugin_call.accepts(plugin, "smoothing"):
                raise ConfigError(
                    f"train.label_smoothing: {plugin.kind} does not support label smoothing."
                )
            return plugin_kinds.loss(
                plugin, classes=network.classes, dtype=network.dtype, smoothing=smoothing
            )


def schedule(train: TrainConfig, *, epochs: float) -> schedules.Schedule:
    """Return the learning-rate schedule of a training of this many epochs."""
    warm_up_epochs = train.schedule.warm_up * epochs
    match train.schedule:
        case ConstantSchedule():
            schedule = schedules.constant(train.rate)
        case StepSchedule(every=every, factor=factor):
            schedule = schedules.step_decay(train.rate, every=every, factor=factor)
        case ExponentialSchedule(factor=factor):
            schedule = schedules.exponential_decay(train.rate, factor=factor)
        case CosineSchedule():
            schedule = schedules.cosine_decay(train.rate, epochs=epochs - warm_up_epochs)
        case PluginSchedule() as plugin:
            schedule = plugin_kinds.schedule(
                plugin, rate=train.rate, epochs=epochs - warm_up_epochs
            )
    return schedules.warm_up(schedule, epochs=warm_up_epochs) if warm_up_epochs else schedule


def augmentation(train: TrainConfig, shape: tuple[int, int]) -> augment.AugmentationPipeline:
    """Return the augmentations of images of this shape, (height, width)."""
    warp_list: list[warps.Warp] = []
    intensities: list[augment.IntensityTransform] = []
    for kind in train.augment:
        if isinstance(kind, PluginAugmentation):
            transforms = warp_list if plugin_call.plugin_type(kind) == "warp" else intensities
            transforms.append(plugin_call.function(kind, shape=shape))
        elif isinstance(kind, Stroke):
            intensities.append(augment.stroke_width(kind.share))
        else:
            warp_list.append(_warp(kind))
    return augment.AugmentationPipeline(tuple(warp_list), tuple(intensities), train.together)


def _warp(config: WarpConfig) -> warps.Warp:
    match config:
        case Shift(pixels=pixels):
            return warps.shift(pixels)
        case Rotate(degrees=degrees):
            return warps.rotate(degrees)
        case Scale(share=share):
            return warps.scale(share)
        case Shear(share=share):
            return warps.shear(share)
        case Elastic(alpha=alpha, sigma=sigma):
            return warps.elastic(alpha, sigma)


def batches(
    train: TrainConfig, network: Network, subset: Subset, rngs: Rngs, *, shape: tuple[int, int]
) -> Batches:
    """Return the batches of a training on this subset, whose images have this shape."""
    rows, tile_rows = len(subset), rows_per_tile(*network.widths)
    batch = train.batch or rows
    if batch > rows:
        raise ConfigError(
            f"train.batch: expected at most the {rows:,} rows to train on, got {batch:,}."
        )
    pipeline = augmentation(train, shape)
    if batch == rows and not pipeline:
        return FullBatch(network, subset, tile_rows=tile_rows)
    augmented = augment.Augmented(subset.images, shape, pipeline, batch=batch) if pipeline else None
    return ShuffledBatches(
        network, subset, rngs, batch=batch, tile_rows=tile_rows, augmented=augmented
    )


def splits(entry: Entry, dataset: Dataset, *, seed: int) -> Splits:
    """Return the entry's splits, drawn with their own seed or else with the run's."""
    config = entry.data.split
    sizes = config.sizes(len(dataset.train))
    shuffle = 0 if config.folds else seed  # all folds are parts of one order
    return split(
        dataset,
        seed=shuffle if config.seed is None else config.seed,
        train=config.train,
        validation=sizes.validation,
        test=0 if config.folds else sizes.test,
        stratify=config.stratify,
        fold=(seed % config.folds, config.folds) if config.folds else None,
    )


def subsets(splits: Splits) -> dict[SplitName, Subset]:
    """Return the splits that are not empty, by name."""
    by_name: dict[SplitName, Subset | None] = {
        "train": splits.train,
        "validation": splits.validation,
        "test": splits.test,
    }
    return {name: subset for name, subset in by_name.items() if subset}


def plan(train: TrainConfig, network: Network, *, rows: int) -> TrainingPlan:
    """Return the plan of training this network on this many rows."""
    steps, steps_per_epoch = train.steps(rows), train.steps_per_epoch(rows)
    return TrainingPlan(
        loss=loss(train, network),
        l2=L2(train.l2, network.is_weight) if train.l2 else None,
        optimizer=optimizer(train.optimizer, network),
        schedule=schedule(train, epochs=steps / steps_per_epoch),
        clip=train.clip,
        average=train.average,
        patience=train.patience,
        steps=steps,
        report_every=REPORT_ITERATIONS if train.iterations else steps_per_epoch,
    )
