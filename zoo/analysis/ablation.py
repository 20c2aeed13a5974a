"""Ablation study: the effect of each component of a recipe, over the same seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zoo import formatting
from zoo.analysis.statistics import Summary, summarize
from zoo.config.base import ConfigModel
from zoo.config.entry import Entry
from zoo.config.layers import Dense, Glorot, He
from zoo.config.optimization import Adam, AdamW, ConstantSchedule, Sgd

PLAIN = {"kind": "normal", "std": 0.01}  # the initial weights of most originals
# every network needs an activation, so it is not a component
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh")

SWITCHES = {  # recipe keys that are off by default
    "l2": "L2",
    "label_smoothing": "label smoothing",
    "clip": "clipped gradients",
    "average": "averaged weights",
    "patience": "early stopping",
}

Finding = Literal["helps", "harms", "unclear"]


@dataclass(frozen=True)
class Component:
    """A removable component of a recipe, and the changes that remove it."""

    label: str
    changes: tuple[tuple[str, object], ...]
    is_fair: bool = True  # False if the evaluation images influenced the training


@dataclass(frozen=True)
class Effect:
    """The effect of a component: the accuracies without it, over the common seeds."""

    component: Component
    accuracies: tuple[float, ...]  # without it, one per seed
    differences: tuple[float, ...]  # accuracy with it minus accuracy without it, one per seed

    @property
    def accuracy(self) -> Summary:
        """The accuracy without the component."""
        return _summarized(self.accuracies)

    @property
    def difference(self) -> Summary:
        """The accuracy with the component minus the accuracy without it, paired by seed."""
        return _summarized(self.differences)

    @property
    def finding(self) -> Finding | None:
        """The sign of the effect by its interval.

        None with a single seed, or if the evaluation images influenced the training.
        """
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or not self.component.is_fair:
            return None
        if low > 0:
            return "helps"
        return "harms" if high < 0 else "unclear"


def components(entry: Entry) -> list[Component]:
    """Return the components of a recipe, in the order of its tables."""
    return [*_of_pixels(entry), *_of_layers(entry), *_of_training(entry)]


def _of_pixels(entry: Entry) -> Iterator[Component]:
    plain = (("preprocess.mean", None), ("preprocess.std", None))
    if entry.preprocess.learns:
        yield Component(
            f"standardized {entry.data.source.numbers}", (("preprocess", {"divide": 1.0}),)
        )
    elif entry.preprocess.mean != 0 or entry.preprocess.std != 1:
        yield Component(f"standardized {entry.data.source.numbers}", plain)


def _of_layers(entry: Entry) -> Iterator[Component]:
    network = entry.network
    stacks = (("block", network.block if network.hidden else ()), ("input", network.input))
    for key, layers in stacks:
        for number, layer in enumerate(layers):
            if isinstance(layer, Dense) or layer.kind in ACTIVATIONS:
                continue
            rest = [_table(other) for other in (*layers[:number], *layers[number + 1 :])]
            suffix = "" if key == "block" else " of the pixels"
            yield Component(f"{_label(layer)}{suffix}", ((f"network.{key}", rest),))


def _of_training(entry: Entry) -> Iterator[Component]:
    train = entry.train
    tables = [_table(transform) for transform in train.augment]
    if len(tables) > 1:
        yield Component("augmentation", (("train.augment", None),))
    for number, transform in enumerate(train.augment):
        rest = tables[:number] + tables[number + 1 :]
        yield Component(_label(transform), (("train.augment", rest),))
    if not isinstance(train.schedule, ConstantSchedule):
        warm_up = train.schedule.warm_up
        constant = {"kind": "constant", "warm_up": warm_up}
        yield Component(
            f"the learning-rate schedule ({train.schedule.kind})", (("train.schedule", constant),)
        )
    if train.schedule.warm_up:
        yield Component("the warm-up", (("train.schedule.warm_up", 0.0),))
    if train.loss.kind != "cross_entropy":
        yield Component(f"the loss {train.loss.kind}", (("train.loss", None),))
    yield from _of_optimizer(train.optimizer)
    if isinstance(train.weights, He | Glorot):
        name = {"he": "He", "glorot": "Glorot"}[train.weights.kind]
        yield Component(f"{name} initialization", (("train.weights", PLAIN),))
    for key, label in SWITCHES.items():
        if getattr(train, key):
            fair = key != "patience"  # early stopping selects the weights on the validation split
            yield Component(label, ((f"train.{key}", None),), is_fair=fair)


def _of_optimizer(optimizer: ConfigModel) -> Iterator[Component]:
    match optimizer:
        case AdamW(decay=decay, beta1=beta1, beta2=beta2) if decay:
            adam = Adam(kind="adam", beta1=beta1, beta2=beta2)
            yield Component("weight decay", (("train.optimizer", _table(adam)),))
        case Sgd(momentum=momentum, nesterov=nesterov) if momentum:
            if nesterov:
                yield Component("Nesterov's correction", (("train.optimizer.nesterov", False),))
            yield Component("momentum", (("train.optimizer", {"kind": "sgd"}),))


def _table(section: ConfigModel) -> dict[str, object]:
    return section.model_dump(mode="json", exclude_defaults=True)


def _label(section: ConfigModel) -> str:
    """Return a kind with its options, such as "shift (pixels 1)"."""
    table = section.model_dump(mode="json")
    kind = str(table.pop("kind")).replace("_", " ")
    options = ", ".join(f"{name} {formatting.number(value)}" for name, value in table.items())
    return f"{kind} ({options})" if options else kind


@dataclass(frozen=True)
class Ablation:
    """The accuracy of a recipe, and the effect of each of its components."""

    entry: Entry
    accuracies: tuple[float, ...]  # the complete recipe's, on its validation split
    effects: tuple[Effect, ...]  # the largest first
    unknown: tuple[Component, ...]  # no seed in common with the recipe, because runs failed
    recipe_length: int  # the training length of the shipped recipe

    @property
    def full_accuracy(self) -> Summary | None:
        """The accuracy of the complete recipe."""
        return summarize(self.accuracies)


def ablation(
    entry: Entry,
    full_accuracies: Mapping[int, float],
    without: Sequence[tuple[Component, Mapping[int, float]]],
    *,
    recipe_length: int,
) -> Ablation:
    """Return the effects, from accuracies by seed of the recipe and without each component."""
    effects, unknown = [], []
    for component, by_seed in without:
        seeds = sorted(full_accuracies.keys() & by_seed.keys())
        if not seeds:
            unknown.append(component)
            continue
        accuracies = tuple(by_seed[seed] for seed in seeds)
        differences = tuple(full_accuracies[seed] - by_seed[seed] for seed in seeds)
        effects.append(Effect(component, accuracies, differences))
    effects.sort(key=lambda effect: -effect.difference.mean)
    return Ablation(
        entry, tuple(full_accuracies.values()), tuple(effects), tuple(unknown), recipe_length
    )


def _summarized(numbers: tuple[float, ...]) -> Summary:
    summary = summarize(numbers)
    if summary is None:
        raise ValueError("An effect needs at least one seed.")
    return summary
