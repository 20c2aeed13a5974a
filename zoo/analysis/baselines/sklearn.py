"""scikit-learn as a baseline."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import fmean
from typing import Any

import numpy as np

from zoo.analysis.baselines.result import TrainedBaseline, diverged, labels_of, pixels_of
from zoo.config import kinds
from zoo.config.entry import Entry, TrainConfig
from zoo.data.splits import Subset
from zoo.nn.buffers import Array
from zoo.training.loop import PreparedTraining
from zoo.training.recorder import Clock

SKLEARN_ACTIVATIONS = {  # what MLPClassifier calls the activations that it has
    kinds.Relu: "relu",
    kinds.Sigmoid: "logistic",
    kinds.Tanh: "tanh",
}

UNSUPPORTED = {  # of all that an entry may name
    kinds.Dropout: "dropout",
    kinds.BatchNorm: "batch normalization",
    kinds.LeakyRelu: "leaky ReLU",
    kinds.RmsProp: "RMSprop",
    kinds.AdamW: "AdamW",
}


def unsupported_reason(entry: Entry) -> str | None:
    """Return why the entry cannot be trained by this library, or None."""
    layers = [placed.layer for placed in entry.layers]
    for chosen in (*layers, entry.train.optimizer):
        if type(chosen) in UNSUPPORTED:
            return f"MLPClassifier has no {UNSUPPORTED[type(chosen)]}."
    if entry.train.label_smoothing:
        return "MLPClassifier has no label smoothing."
    block = entry.network.block if entry.network.hidden else ()
    bends_before = bool(block) and not isinstance(block[0], kinds.Dense)
    if entry.network.input or bends_before or block[2:]:
        return "MLPClassifier has one activation after each hidden dense layer, and none elsewhere."
    return None


def train(work: PreparedTraining, judged: Subset, *, clock: Clock) -> TrainedBaseline:
    """Return the network as this library trains it from zoo's first parameters."""
    part, plan, rows = work.splits.train, work.training.plan, work.training.rows
    pixels, labels = pixels_of(work.entry, part), labels_of(part)
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
                raise diverged("sklearn", work.entry) from None
        seconds = clock() - began
        shares = model.predict_proba(pixels_of(work.entry, judged))
    shares = np.maximum(shares, np.finfo(shares.dtype).tiny)  # none is 0 but by rounding
    return TrainedBaseline(_learned(model), np.log(shares), seconds, _differences(work))


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
        solver="adam" if isinstance(train.optimizer, kinds.Adam) else "sgd",
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
        case kinds.Adam(beta1=beta1, beta2=beta2):
            return {"beta_1": beta1, "beta_2": beta2}
        case kinds.Sgd(momentum=momentum, nesterov=nesterov):
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


def _differences(work: PreparedTraining) -> tuple[str, ...]:
    train, plan, rows = work.entry.train, work.training.plan, work.training.rows
    passes = _passes(work)
    means = {fmean(rates) for rates in passes}
    momentum = isinstance(train.optimizer, kinds.Sgd) and train.optimizer.momentum > 0
    found = {
        "shuffles in its own order": plan.batch < rows,
        "rate changes once an epoch, not once a step": any(len(set(it)) > 1 for it in passes),
        "momentum keeps the rate of earlier steps": momentum and len(means) > 1,
        "epsilon added before Adam's correction": isinstance(train.optimizer, kinds.Adam),
        "L2 is stronger in the smaller last batch": train.l2 > 0 and rows % plan.batch > 0,
    }
    return tuple(phrase for phrase, so in found.items() if so)
