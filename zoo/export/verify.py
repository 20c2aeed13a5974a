"""Whether an export answers as the network does: nothing takes its name before this is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.dataset import Values
from zoo.data.sources import Source
from zoo.errors import Disagreement
from zoo.export import folding, graph, int8
from zoo.export.child import Pixels
from zoo.export.form import Form
from zoo.export.guard import first_line
from zoo.export.probes import Probes
from zoo.export.runtimes import Absent, Answers, Refused, Runtime, installed
from zoo.formatting import difference, setting
from zoo.model import Model
from zoo.nn.arrays import Array
from zoo.nn.losses import softmax

TOLERANCE = 1e-5  # between two probabilities


@dataclass(frozen=True)
class Agreement:
    """A runtime that gave every picture the same label, and its largest difference."""

    name: str
    version: str
    difference: float


@dataclass(frozen=True)
class Skipped:
    """A runtime that was not asked, and why."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True)
class Cost:
    """What int8 changes of the answers: the largest difference, and how many labels."""

    difference: float
    labels: int


@dataclass(frozen=True)
class Verified:
    """What was tried, and how near the answers are."""

    pictures: str
    count: int
    agreements: tuple[Agreement, ...]
    skipped: tuple[Skipped, ...]
    cost: Cost | None


def verify(
    content: bytes,
    model: Model,
    form: Form,
    probes: Probes,
    *,
    runtimes: Sequence[Runtime] | None = None,
) -> Verified:
    """Return how near the exported graph comes to the network, or raise a Disagreement."""
    _check_structure(content, model)
    _check_tensors(content, model, form)
    logits = reference(model, form, probes.images)
    agreements: list[Agreement] = []
    skipped: list[Skipped] = []
    for runtime in installed() if runtimes is None else runtimes:
        reason = runtime.refuses(form)
        if not reason:
            try:
                answers = _asked(runtime, content, model, form, probes.images)
            except Absent as error:
                reason = f"it cannot be imported: {error}"
        if reason:
            skipped.append(Skipped(runtime.name, runtime.version, reason))
            continue
        difference = _difference(runtime, answers, logits, model)
        agreements.append(Agreement(runtime.name, runtime.version, difference))
    if not agreements:
        raise Disagreement(f"No runtime is here that could verify the export of {model.name}.")
    return Verified(
        probes.words,
        len(probes),
        tuple(agreements),
        tuple(skipped),
        _cost(logits, model, probes.images) if form.int8 else None,
    )


def reference(model: Model, form: Form, images: Values) -> Array:
    """Return the logits that an export must give: the network's own, or those of its int8."""
    if form.int8:
        return int8.logits(folding.steps(model), images, divide=model.entry.preprocess.divide)
    return model.logits(images)


def _check_structure(content: bytes, model: Model) -> None:
    from onnx import checker, shape_inference

    try:
        checker.check_model(content, full_check=True)
        shape_inference.infer_shapes(content, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # noqa: BLE001 - onnx raises many kinds
        raise Disagreement(
            f"onnx's own checker refuses the export of {model.name}: {first_line(error)}"
        ) from None


def _check_tensors(content: bytes, model: Model, form: Form) -> None:
    """Compare every number in the file with the network's, to the last bit."""
    from onnx import load_model_from_string, numpy_helper

    held = load_model_from_string(content).graph.initializer
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in held}
    expected = graph.tensors(model, form)
    for name in sorted(found.keys() | expected.keys()):
        if name not in found or name not in expected:
            where = "the network" if name in expected else "the export"
            raise Disagreement(f"{name} is in {where} of {model.name} alone.")
        ours, theirs = expected[name], found[name]
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype) or (
            ours.tobytes() != theirs.tobytes()
        ):
            raise Disagreement(f"{name} in the export is not the {name} of {model.name}.")


def _asked(runtime: Runtime, content: bytes, model: Model, form: Form, images: Values) -> Answers:
    try:
        return runtime.ask(content, pixels(images, form, model.source), form.outputs)
    except Absent:
        raise
    except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
        said = str(error) if isinstance(error, Refused) else first_line(error)
        raise Disagreement(
            f"{runtime.name} {runtime.version} does not run the export of {model.name}: {said}"
        ) from None


def pixels(images: Values, form: Form, source: Source) -> Pixels:
    """Return pictures or rows as the graph takes them."""
    if form.feed(source) == "image":
        return images.reshape(len(images), *source.shape)
    return images.astype(np.float32)


def _difference(runtime: Runtime, answers: Answers, logits: Array, model: Model) -> float:
    """Return the largest difference between two probabilities, if it is small enough."""
    labels = logits.argmax(axis=1)
    found = [_probabilities(name, array) for name, array in answers.items() if name != "label"]
    differences = [_largest(one, softmax(logits)) for one in found]
    largest = max(differences, key=lambda one: (np.isnan(one), one))
    if not largest <= TOLERANCE:  # so that what is no number is caught
        raise Disagreement(
            f"{runtime.name} {runtime.version} and {model.name} differ by "
            f"{difference(largest)} in a probability; at most {setting(TOLERANCE)} was expected."
        )
    chosen = answers["logits"] if "logits" in answers else answers["probabilities"]
    for named in (chosen.argmax(axis=1), answers.get("label", labels)):
        if not np.array_equal(named, labels):
            raise Disagreement(
                f"{runtime.name} {runtime.version} and {model.name} name different "
                f"classes in {np.count_nonzero(named != labels):,} of {len(labels):,} "
                f"{model.source.thing}s."
            )
    return largest


def _probabilities(name: str, array: Pixels) -> Array:
    return softmax(array) if name == "logits" else array


def _largest(one: Array, other: Array) -> float:
    if one.shape != other.shape:
        return float("nan")
    return float(np.abs(one.astype(np.float64) - other).max())


def _cost(logits: Array, model: Model, images: Values) -> Cost:
    whole = model.logits(images)
    return Cost(
        difference=_largest(softmax(logits), softmax(whole)),
        labels=int(np.count_nonzero(logits.argmax(axis=1) != whole.argmax(axis=1))),
    )
