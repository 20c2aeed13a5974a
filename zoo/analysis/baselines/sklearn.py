"""Training of an entry by scikit-learn's MLPClassifier."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import fmean
from typing import Any

import numpy as np

from zoo.analysis.baselines.result import FittedBaseline, diverged, labels_of, pixels_of
from zoo.config.entry import Entry, TrainConfig
from zoo.config.layers import BatchNorm, Dense, Dropout, LeakyRelu, Relu, Sigmoid, Tanh
from zoo.config.optimization import Adam, AdamW, RmsProp, Sgd
from zoo.data.splits import Subset
from zoo.nn.buffers import Array
from zoo.training.prepare import PreparedTraining
from zoo.training.recorder import Clock

ACTIVATIONS = {  # MLPClassifier's names of them
    Relu: "relu",
    Sigmoid: "logistic",
    Tanh: "tanh",
}

UNSUPPORTED = {
    Dropout: "dropout",
    BatchNorm: "batch normalization",
    LeakyRelu: "leaky ReLU",
    RmsProp: "RMSprop",
    AdamW: "AdamW",
}


def unsupported_reason(entry: Entry) -> str | None:
    """Return why MLPClassifier cannot train the entry, or None."""
    layers = [spec.layer for spec in entry.layers]
    for section in (*layers, entry.train.optimizer):
        if type(section) in UNSUPPORTED:
            return f"MLPClassifier does not have {UNSUPPORTED[type(section)]}."
    if entry.train.label_smoothing:
        return "MLPClassifier does not have label smoothing."
    block = entry.network.block if entry.network.hidden else ()
    activation_first = bool(block) and not isinstance(block[0], Dense)
    if entry.network.input or activation_first or block[2:]:
        return "MLPClassifier has one activation after each hidden dense layer, and none elsewhere."
    return None


def train(work: PreparedTraining, evaluated: Subset, *, clock: Clock) -> FittedBaseline:
    """Return the network that MLPClassifier trains from zoo's initial weights."""
    part, batches = work.splits.train, work.training.batches
    pixels, labels = pixels_of(work.entry, part), labels_of(part)
    with _without_warnings():
        model = _classifier(work)
        start = clock()
        for rates in _rates_by_epoch(work):
            if len(rates) * batches.batch < batches.rows:  # the training ends within this epoch
                order = work.training.rngs["order"].permutation(batches.rows)
                order = order[: len(rates) * batches.batch]
                pixels, labels = pixels[order], labels[order]
            _set_rate(model, fmean(rates))
            try:
                model.partial_fit(pixels, labels)
            except ValueError:
                if all(np.isfinite(array).all() for array in _parameters(model)):
                    raise
                raise diverged("sklearn", work.entry) from None
        seconds = clock() - start
        probabilities = model.predict_proba(pixels_of(work.entry, evaluated))
    # a probability is 0 only by rounding, and the logarithm of 0 is infinite
    logits = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny))
    return FittedBaseline(_parameters(model), logits, seconds, _differences(work))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence scikit-learn, but raise the KeyboardInterrupt that it turns into a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Training interrupted by user")
        try:
            yield
        except UserWarning:
            raise KeyboardInterrupt from None


def _classifier(work: PreparedTraining) -> Any:
    """Return an MLPClassifier with zoo's initial weights, before its first step."""
    from sklearn.neural_network import MLPClassifier

    train, batches, network = work.entry.train, work.training.batches, work.network
    activation = next(
        (
            ACTIVATIONS[type(layer)]
            for layer in work.entry.network.block
            if type(layer) in ACTIVATIONS
        ),
        None,
    )
    model = MLPClassifier(
        work.entry.network.hidden,
        activation=activation or "identity",
        solver="adam" if isinstance(train.optimizer, Adam) else "sgd",
        alpha=train.l2 * batches.batch,  # MLPClassifier divides it by the rows of a batch
        batch_size=batches.batch,
        shuffle=batches.batch < batches.rows,
        random_state=np.random.RandomState(train.seed),  # an int would repeat the first order
        **_options(train),
    )
    # MLPClassifier creates its weights in its first step: this one is over blank images, and its
    # optimizer is deleted afterwards.
    blank = np.zeros((network.classes, network.inputs), np.float32)
    classes = np.arange(network.classes)
    model.partial_fit(blank, classes, classes=classes)
    del model._optimizer  # noqa: SLF001 - no public way resets it and keeps the weights
    for target, (_, source) in zip(_parameters(model), network.named_arrays(), strict=True):
        target[...] = source
    return model


def _options(train: TrainConfig) -> dict[str, object]:
    match train.optimizer:
        case Adam(beta1=beta1, beta2=beta2):
            return {"beta_1": beta1, "beta_2": beta2}
        case Sgd(momentum=momentum, nesterov=nesterov):
            return {"momentum": momentum, "nesterovs_momentum": nesterov}
    raise NotImplementedError(train.optimizer)


def _parameters(model: Any) -> list[Array]:
    """Return views of a classifier's parameters, in the order of Network.named_arrays."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return [array for coefficients, biases in pairs for array in (coefficients.T, biases)]


def _set_rate(model: Any, rate: float) -> None:
    """Set the rate of the next epoch, also in the optimizer, which lasts from epoch to epoch."""
    model.set_params(learning_rate_init=rate)
    if hasattr(model, "_optimizer"):
        optimizer = model._optimizer  # noqa: SLF001 - it reads the public rate only when created
        optimizer.learning_rate = optimizer.learning_rate_init = rate


def _rates_by_epoch(work: PreparedTraining) -> list[list[float]]:
    """Return the rates of the steps of each epoch."""
    plan, each = work.training.plan, work.training.batches.steps_per_epoch
    rates = [plan.schedule(step / each) for step in range(plan.steps)]
    return [rates[start : start + each] for start in range(0, plan.steps, each)]


def _differences(work: PreparedTraining) -> tuple[str, ...]:
    train, batch, rows = work.entry.train, work.training.batches.batch, work.training.batches.rows
    epochs = _rates_by_epoch(work)
    means = {fmean(rates) for rates in epochs}
    momentum = isinstance(train.optimizer, Sgd) and train.optimizer.momentum > 0
    phrases = {
        "shuffles in its own order": batch < rows,
        "rate changes once an epoch, not once a step": any(len(set(rates)) > 1 for rates in epochs),
        "momentum keeps the rate of earlier steps": momentum and len(means) > 1,
        "epsilon added before Adam's correction": isinstance(train.optimizer, Adam),
        "L2 is stronger in the smaller last batch": train.l2 > 0 and rows % batch > 0,
    }
    return tuple(phrase for phrase, applies in phrases.items() if applies)
