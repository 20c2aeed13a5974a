"""The same network and recipe trained by other people's code, for contrast.

A peer starts from zoo's own first weights, on the same rows, pixels and rates. PyTorch then does
the same arithmetic up to rounding; what a peer does otherwise is told by name.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from importlib.util import find_spec
from statistics import fmean
from typing import Any

import numpy as np

from zoo.config.base import plugin_kinds
from zoo.config.datasets import PluginData
from zoo.config.entry import Entry, LayerSpec, SplitName, TrainConfig
from zoo.config.layers import (
    BatchNorm,
    Dense,
    Dropout,
    LeakyRelu,
    PluginInitializer,
    Relu,
    Sigmoid,
    Tanh,
)
from zoo.config.optimization import Adam, AdamW, PluginSchedule, RmsProp, Sgd
from zoo.data.dataset import Dataset
from zoo.data.splits import Subset
from zoo.errors import ConfigError, ZooError
from zoo.nn.buffers import Array, Labels
from zoo.nn.metrics import score
from zoo.training.prepare import PreparedTraining, prepare
from zoo.training.recorder import Clock

BASELINES = ("sklearn", "torch")

TITLES = {"sklearn": "scikit-learn", "torch": "PyTorch"}
DISTRIBUTIONS = {"sklearn": "scikit-learn", "torch": "torch"}  # as pip knows them

SKLEARN_ACTIVATIONS = {  # what MLPClassifier calls the activations that it has
    Relu: "relu",
    Sigmoid: "logistic",
    Tanh: "tanh",
}
# what a package brings and a peer gets from zoo
ALWAYS_SUPPORTED = PluginData | PluginSchedule | PluginInitializer
UNSUPPORTED = {  # of all that an entry may name
    Dropout: "dropout",
    BatchNorm: "batch normalization",
    LeakyRelu: "leaky ReLU",
    RmsProp: "RMSprop",
    AdamW: "AdamW",
}
IGNORED_KEYS = {  # keys of a recipe that no peer is asked for
    "augment": "bent pictures",
    "clip": "clipped gradients",
    "average": "averaged weights",
    "patience": "an early end",
}


@dataclass(frozen=True)
class BaselineResult:
    """How well the network of a peer does, and what the peer does otherwise than zoo."""

    peer: str
    version: str  # of the peer
    entry: str
    seed: int
    split: SplitName  # the one that the claim speaks of; without a claim, the last that there is
    accuracy: float
    loss: float  # the mean cross-entropy there
    seconds: float  # of the training alone
    differs: tuple[str, ...]  # empty where it is the same arithmetic


@dataclass(frozen=True)
class _TrainedBaseline:
    """What a peer has learned, and its answers."""

    arrays: list[Array]  # in the order of Network.named_arrays
    logits: Array  # of the pictures that it is judged on
    seconds: float
    differs: tuple[str, ...]


def is_not_installed(peer: str) -> str | None:
    """Return why the peer cannot be used here, without importing it."""
    _check_known(peer)
    return None if find_spec(peer) else f"{TITLES[peer]} is not installed."


def version(peer: str) -> str:
    """Return the peer's version, without importing it."""
    return installed(DISTRIBUTIONS[peer])


def unsupported_reason(peer: str, entry: Entry) -> str | None:
    """Return why the peer cannot train this entry."""
    _check_known(peer)
    return _unsupported_reason(peer, entry, rows=entry.data.train_rows)


def train_baseline(peer: str, entry: Entry, dataset: Dataset, *, clock: Clock) -> BaselineResult:
    """Return how well the peer trains the entry from its seed."""
    missing = is_not_installed(peer)
    if missing:
        raise ConfigError(missing, hint=f"`pip install {DISTRIBUTIONS[peer]}` brings it.")
    _check_supported(unsupported_reason(peer, entry))
    work = prepare(entry, dataset)
    # a file of Kaggle's may hold other than the rows that the entry counts on
    _check_supported(_unsupported_reason(peer, entry, rows=work.training.rows))
    split = entry.claim.split if entry.claim else list(work.subsets)[-1]
    trained = _trained(peer, work, work.subsets[split], clock=clock)
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that is no number is noticed
        found = score(trained.logits, _labels(work.subsets[split]))
    if not math.isfinite(found.loss):
        raise _diverged(peer, entry)
    return BaselineResult(
        peer=peer,
        version=version(peer),
        entry=entry.name,
        seed=entry.train.seed,
        split=split,
        accuracy=found.accuracy,
        loss=found.loss,
        seconds=trained.seconds,
        differs=trained.differs,
    )


def _check_known(peer: str) -> None:
    if peer not in BASELINES:
        raise ConfigError(
            f"There is no peer named {peer!r} to train for contrast.",
            hint=f"There are: {', '.join(BASELINES)}.",
        )


def _check_supported(in_the_way: str | None) -> None:
    if in_the_way:
        raise ConfigError(in_the_way)


def _unsupported_reason(peer: str, entry: Entry, *, rows: int) -> str | None:
    for _, section in plugin_kinds(entry):
        if not isinstance(section, ALWAYS_SUPPORTED):
            return f"{TITLES[peer]} has no {section.kind!r}, which a package brings."
    for key, words in IGNORED_KEYS.items():
        if getattr(entry.train, key):
            return f"{TITLES[peer]} is not given {words}, which {entry.name} has."
    return (
        _unsupported_by_sklearn(entry)
        if peer == "sklearn"
        else _unsupported_by_torch(entry, rows=rows)
    )


def _trained(
    peer: str, work: PreparedTraining, judged: Subset, *, clock: Clock
) -> _TrainedBaseline:
    train = _train_sklearn if peer == "sklearn" else _train_torch
    return train(work, judged, clock=clock)


def _diverged(peer: str, entry: Entry) -> ZooError:
    return ZooError(
        f"The loss of {TITLES[peer]} on {entry.name}, seed {entry.train.seed}, "
        "is no finite number any more.",
        hint="A smaller rate helps most often.",
    )


def _pixels(entry: Entry, part: Subset) -> Array:
    """Return the preprocessed pictures of a part in its order, a row each."""
    pixels = part.images[part.rows].astype(np.float32)
    pixels *= entry.preprocess.scale
    pixels += entry.preprocess.shift
    return pixels


def _labels(part: Subset) -> Labels:
    return part.labels[part.rows].astype(np.intp)


# --- scikit-learn -----------------------------------------------------------------------


def _unsupported_by_sklearn(entry: Entry) -> str | None:
    layers = [placed.layer for placed in entry.layers]
    for chosen in (*layers, entry.train.optimizer):
        if type(chosen) in UNSUPPORTED:
            return f"MLPClassifier has no {UNSUPPORTED[type(chosen)]}."
    if entry.train.label_smoothing:
        return "MLPClassifier has no label smoothing."
    block = entry.network.block if entry.network.hidden else ()
    bends_before = bool(block) and not isinstance(block[0], Dense)
    if entry.network.input or bends_before or block[2:]:
        return "MLPClassifier has one activation after each hidden dense layer, and none elsewhere."
    return None


def _train_sklearn(work: PreparedTraining, judged: Subset, *, clock: Clock) -> _TrainedBaseline:
    part, plan, rows = work.splits.train, work.training.plan, work.training.rows
    pixels, labels = _pixels(work.entry, part), _labels(part)
    with _without_warnings():
        model = _classifier(work)
        began = clock()
        for rates in _passes(work):
            if len(rates) * plan.batch < rows:  # the training ends within this pass
                some = work.training.rngs["order"].permutation(rows)[: len(rates) * plan.batch]
                pixels, labels = pixels[some], labels[some]
            _set_rate(model, fmean(rates))
            try:
                model.partial_fit(pixels, labels)
            except ValueError:
                if all(np.isfinite(array).all() for array in _learned(model)):
                    raise
                raise _diverged("sklearn", work.entry) from None
        seconds = clock() - began
        shares = model.predict_proba(_pixels(work.entry, judged))
    shares = np.maximum(shares, np.finfo(shares.dtype).tiny)  # none is 0 but by rounding
    return _TrainedBaseline(_learned(model), np.log(shares), seconds, _differences_sklearn(work))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Hush scikit-learn, and let an interruption through that it would swallow and warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Training interrupted by user")
        try:
            yield
        except UserWarning:
            raise KeyboardInterrupt from None


def _classifier(work: PreparedTraining) -> Any:
    """Return an MLPClassifier that starts where zoo does and has made no step."""
    from sklearn.neural_network import MLPClassifier

    train, plan, network = work.entry.train, work.training.plan, work.network
    bend = next(
        (
            SKLEARN_ACTIVATIONS[type(it)]
            for it in work.entry.network.block
            if type(it) in SKLEARN_ACTIVATIONS
        ),
        None,
    )
    model = MLPClassifier(
        work.entry.network.hidden,
        activation=bend or "identity",
        solver="adam" if isinstance(train.optimizer, Adam) else "sgd",
        alpha=train.l2 * plan.batch,  # it divides by the rows of a batch
        batch_size=plan.batch,
        shuffle=plan.batch < work.training.rows,
        random_state=np.random.RandomState(train.seed),  # a bare seed would repeat its first order
        **_options(train),
    )
    # It draws its weights in a first pass: one over blank pictures, which is then forgotten.
    blank = np.zeros((network.classes, network.inputs), np.float32)
    everything = np.arange(network.classes)
    model.partial_fit(blank, everything, classes=everything)
    del model._optimizer  # noqa: SLF001 - no public way makes a new one and keeps the weights
    for theirs, (_, ours) in zip(_learned(model), network.named_arrays(), strict=True):
        theirs[...] = ours
    return model


def _options(train: TrainConfig) -> dict[str, object]:
    match train.optimizer:
        case Adam(beta1=beta1, beta2=beta2):
            return {"beta_1": beta1, "beta_2": beta2}
        case Sgd(momentum=momentum, nesterov=nesterov):
            return {"momentum": momentum, "nesterovs_momentum": nesterov}
    raise NotImplementedError(train.optimizer)


def _learned(model: Any) -> list[Array]:
    """Return views of what a classifier has learned, in the order of Network.named_arrays."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return [array for coefficients, biases in pairs for array in (coefficients.T, biases)]


def _set_rate(model: Any, rate: float) -> None:
    """Set the rate of the next pass, also in the optimizer that stays from pass to pass."""
    model.set_params(learning_rate_init=rate)
    if hasattr(model, "_optimizer"):
        optimizer = model._optimizer  # noqa: SLF001 - it read the public rate once, when made
        optimizer.learning_rate = optimizer.learning_rate_init = rate


def _passes(work: PreparedTraining) -> list[list[float]]:
    """Return the rates of the steps of each pass over the training data."""
    plan, each = work.training.plan, work.training.steps_per_epoch
    rates = [plan.schedule(step / each) for step in range(plan.steps)]
    return [rates[start : start + each] for start in range(0, plan.steps, each)]


def _differences_sklearn(work: PreparedTraining) -> tuple[str, ...]:
    train, plan, rows = work.entry.train, work.training.plan, work.training.rows
    passes = _passes(work)
    means = {fmean(rates) for rates in passes}
    momentum = isinstance(train.optimizer, Sgd) and train.optimizer.momentum > 0
    found = {
        "shuffles in its own order": plan.batch < rows,
        "rate changes once an epoch, not once a step": any(len(set(it)) > 1 for it in passes),
        "momentum keeps the rate of earlier steps": momentum and len(means) > 1,
        "epsilon added before Adam's correction": isinstance(train.optimizer, Adam),
        "L2 is stronger in the smaller last batch": train.l2 > 0 and rows % plan.batch > 0,
    }
    return tuple(phrase for phrase, so in found.items() if so)


# --- PyTorch ----------------------------------------------------------------------------


def _unsupported_by_torch(entry: Entry, *, rows: int) -> str | None:
    normalizes = any(isinstance(placed.layer, BatchNorm) for placed in entry.layers)
    batch = entry.train.batch or rows
    if normalizes and 1 in {batch, rows % batch}:
        return "PyTorch normalizes no batch of a single row, and an epoch has such a batch."
    return None


def _train_torch(work: PreparedTraining, judged: Subset, *, clock: Clock) -> _TrainedBaseline:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(work.entry.train.seed)
            return _train_torch_alone(torch, work, judged, clock=clock)
    finally:
        torch.set_num_threads(threads)


def _train_torch_alone(
    torch: Any, work: PreparedTraining, judged: Subset, *, clock: Clock
) -> _TrainedBaseline:
    """Train with the threads and the random numbers that are set for this training."""
    entry, part, plan = work.entry, work.splits.train, work.training.plan
    model = torch.nn.Sequential(*(_layer(torch.nn, placed) for placed in entry.layers))
    arrays = [held for name, held in model.state_dict().items() if "num_batches" not in name]
    for theirs, (_, ours) in zip(arrays, work.network.named_arrays(), strict=True):
        theirs.copy_(torch.from_numpy(ours))
    weights = [module.weight for module in model if isinstance(module, torch.nn.Linear)]
    optimizer = _optimizer(torch.optim, entry.train, model, weights)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=entry.train.label_smoothing)
    pixels = torch.from_numpy(_pixels(entry, part))
    labels = torch.from_numpy(_labels(part))

    began = clock()
    for step, rows in enumerate(_batches(work)):
        for group in optimizer.param_groups:
            group["lr"] = plan.schedule(step / work.training.steps_per_epoch)
        optimizer.zero_grad()
        loss = criterion(model(pixels[rows]), labels[rows])
        if entry.train.l2:
            loss = loss + entry.train.l2 / 2 * sum(weight.square().sum() for weight in weights)
        loss.backward()
        optimizer.step()
    seconds = clock() - began

    model.eval()
    with torch.no_grad():
        logits = model(torch.from_numpy(_pixels(entry, judged))).numpy()
    drops = any(isinstance(placed.layer, Dropout) for placed in entry.layers)
    differs = ("drops other values in dropout",) if drops else ()
    return _TrainedBaseline([held.numpy() for held in arrays], logits, seconds, differs)


def _batches(work: PreparedTraining) -> Iterator[slice | Labels]:
    """Yield the rows of every step as zoo takes them, from the generator it draws them from."""
    rows, plan, each = work.training.rows, work.training.plan, work.training.steps_per_epoch
    for step in range(plan.steps):
        number = step % each
        if plan.batch == rows:
            yield slice(None)  # the order never changes, and nothing is copied
            continue
        if number == 0:
            order = work.training.rngs["order"].permutation(rows)
        yield order[number * plan.batch : (number + 1) * plan.batch]


def _layer(nn: Any, placed: LayerSpec) -> Any:  # noqa: PLR0911 - the same; one return a kind
    match placed.layer:
        case Dense():
            return nn.Linear(placed.inputs, placed.outputs)
        case Relu():
            return nn.ReLU()
        case LeakyRelu(leak=leak):
            return nn.LeakyReLU(leak)
        case Sigmoid():
            return nn.Sigmoid()
        case Tanh():
            return nn.Tanh()
        case Dropout(rate=rate):
            return nn.Dropout(rate)
        case BatchNorm(momentum=momentum):  # theirs is the share of the new
            return nn.BatchNorm1d(placed.inputs, momentum=1 - momentum)


def _optimizer(optim: Any, train: TrainConfig, model: Any, weights: list[Any]) -> Any:
    learned = list(model.parameters())
    match train.optimizer:
        case Sgd(momentum=momentum, nesterov=nesterov):
            return optim.SGD(learned, train.rate, momentum=momentum, nesterov=nesterov)
        case RmsProp(decay=decay):
            return optim.RMSprop(learned, train.rate, alpha=decay)
        case Adam(beta1=beta1, beta2=beta2):
            return optim.Adam(learned, train.rate, betas=(beta1, beta2))
        case AdamW(decay=decay, beta1=beta1, beta2=beta2):
            free = [held for held in learned if not any(held is weight for weight in weights)]
            groups = [{"params": weights, "weight_decay": decay}, {"params": free}]
            return optim.AdamW(groups, train.rate, betas=(beta1, beta2), weight_decay=0)
