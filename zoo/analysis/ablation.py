"""What each ingredient of a recipe is worth: the same trainings without it, over the same seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zoo import formatting
from zoo.analysis.statistics import Summary, summarize
from zoo.config.base import ConfigModel
from zoo.config.entry import Entry
from zoo.config.layers import Dense, Glorot, He
from zoo.config.optimization import Adam, AdamW, ConstantSchedule, Sgd

CAVEAT = (
    "The early end has no verdict: it picked its weights by the very pictures that judge it, so "
    "that its worth looks larger than it is."
)
PLAIN = {"kind": "normal", "std": 0.01}  # the first weights that most of the READMEs draw
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh")  # no network does without

SWITCHES = {  # keys of a recipe that are off at their default
    "l2": "L2",
    "label_smoothing": "label smoothing",
    "clip": "clipped gradients",
    "average": "averaged weights",
    "patience": "the early end",
}

Finding = Literal["helps", "harms", "unclear"]


@dataclass(frozen=True)
class Component:
    """Something that a recipe can do without, and what has to be changed for that."""

    label: str
    changes: tuple[tuple[str, object], ...]
    is_fair: bool = True  # whether the pictures that judge it had no part in it


@dataclass(frozen=True)
class Effect:
    """What came of leaving an ingredient away, over the seeds that both were trained with."""

    component: Component
    accuracies: tuple[float, ...]  # without it, seed by seed
    differences: tuple[float, ...]  # of the whole recipe to that

    @property
    def accuracy(self) -> Summary:
        """How well it goes without."""
        return _summarized(self.accuracies)

    @property
    def difference(self) -> Summary:
        """What it is worth: the same seeds with it and without it, pair by pair."""
        return _summarized(self.differences)

    @property
    def finding(self) -> Finding | None:
        """What the interval allows to say; nothing of what is not fair, or of a single seed."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or not self.component.is_fair:
            return None
        if low > 0:
            return "helps"
        return "harms" if high < 0 else "unclear"


def components(entry: Entry) -> list[Component]:
    """Return all that can be taken away from a recipe one by one, in the order of its tables."""
    return [*_of_pixels(entry), *_of_layers(entry), *_of_training(entry)]


def _of_pixels(entry: Entry) -> Iterator[Component]:
    plain = (("preprocess.mean", None), ("preprocess.std", None))
    if entry.preprocess.mean != 0 or entry.preprocess.std != 1:
        yield Component(f"standardized {entry.data.source.numbers}", plain)


def _of_layers(entry: Entry) -> Iterator[Component]:
    network = entry.network
    places = (("block", network.block if network.hidden else ()), ("input", network.input))
    for place, layers in places:
        for number, layer in enumerate(layers):
            if isinstance(layer, Dense) or layer.kind in ACTIVATIONS:
                continue
            rest = [_table(other) for other in (*layers[:number], *layers[number + 1 :])]
            where = "" if place == "block" else " of the pixels"
            yield Component(f"{_words(layer)}{where}", ((f"network.{place}", rest),))


def _of_training(entry: Entry) -> Iterator[Component]:
    train = entry.train
    bends = [_table(one) for one in train.augment]
    if len(bends) > 1:
        yield Component("all bending of pictures", (("train.augment", None),))
    for number, one in enumerate(train.augment):
        rest = bends[:number] + bends[number + 1 :]
        yield Component(_words(one), (("train.augment", rest),))
    if not isinstance(train.schedule, ConstantSchedule):
        warm_up = train.schedule.warm_up
        constant = {"kind": "constant", "warm_up": warm_up}
        yield Component(
            f"the falling rate ({train.schedule.kind})", (("train.schedule", constant),)
        )
    if train.schedule.warm_up:
        yield Component("the warm-up", (("train.schedule.warm_up", 0.0),))
    if train.loss.kind != "cross_entropy":
        yield Component(f"the loss {train.loss.kind}", (("train.loss", None),))
    yield from _of_optimizer(train.optimizer)
    if isinstance(train.weights, He | Glorot):
        name = {"he": "He", "glorot": "Glorot"}[train.weights.kind]
        yield Component(f"{name}'s first weights", (("train.weights", PLAIN),))
    for key, words in SWITCHES.items():
        if getattr(train, key):
            fair = key != "patience"  # which picks the weights that do best on validation
            yield Component(words, ((f"train.{key}", None),), is_fair=fair)


def _of_optimizer(chosen: ConfigModel) -> Iterator[Component]:
    match chosen:
        case AdamW(decay=decay, beta1=beta1, beta2=beta2) if decay:
            adam = Adam(kind="adam", beta1=beta1, beta2=beta2)
            yield Component("weight decay", (("train.optimizer", _table(adam)),))
        case Sgd(momentum=momentum, nesterov=nesterov) if momentum:
            if nesterov:
                yield Component("Nesterov's correction", (("train.optimizer.nesterov", False),))
            yield Component("momentum", (("train.optimizer", {"kind": "sgd"}),))


def _table(section: ConfigModel) -> dict[str, object]:
    return section.model_dump(mode="json", exclude_defaults=True)


def _words(section: ConfigModel) -> str:
    """Return a kind with its options, such as "shift (pixels 1)"."""
    table = section.model_dump(mode="json")
    kind = str(table.pop("kind")).replace("_", " ")
    options = ", ".join(f"{name} {formatting.number(value)}" for name, value in table.items())
    return f"{kind} ({options})" if options else kind


@dataclass(frozen=True)
class Ablation:
    """A recipe with all its ingredients, and what each of them is worth."""

    entry: Entry
    accuracies: tuple[float, ...]  # of the whole recipe on its validation split
    effects: tuple[Effect, ...]  # the most valuable first
    unknown: tuple[Component, ...]  # those whose trainings failed, or have no seed in common
    shipped: int  # how long the recipe is trained that this is judged for

    @property
    def whole(self) -> Summary | None:
        """How well the whole recipe does."""
        return summarize(self.accuracies)


def ablation(
    entry: Entry,
    whole: Mapping[int, float],
    without: Sequence[tuple[Component, Mapping[int, float]]],
    *,
    shipped: int,
) -> Ablation:
    """Return what ingredients are worth, from accuracies by seed with all and without each."""
    worths, unknown = [], []
    for ingredient, found in without:
        seeds = sorted(whole.keys() & found.keys())
        if not seeds:
            unknown.append(ingredient)
            continue
        accuracies = tuple(found[seed] for seed in seeds)
        differences = tuple(whole[seed] - found[seed] for seed in seeds)
        worths.append(Effect(ingredient, accuracies, differences))
    worths.sort(key=lambda one: -one.difference.mean)
    return Ablation(entry, tuple(whole.values()), tuple(worths), tuple(unknown), shipped)


def caveats(found: Ablation) -> list[str]:
    """Return what whoever reads the table must know of its lines."""
    train = found.entry.train
    said = [CAVEAT] if any(not one.component.is_fair for one in found.effects) else []
    if train.length != found.shipped:
        said.append(
            f"Judged over {train.length:,} {train.unit}s instead of the recipe's "
            f"{found.shipped:,}: over those an ingredient may be worth something else."
        )
    return said


def _summarized(numbers: tuple[float, ...]) -> Summary:
    summary = summarize(numbers)
    if summary is None:
        raise ValueError("A worth needs a seed.")
    return summary


def percentage_points(share: float) -> str:
    """Return a difference of two accuracies in points, with its sign."""
    return f"{100 * share:+.2f}" if round(100 * share, 2) else "0.00"
