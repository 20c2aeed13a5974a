"""Whether an export answers as the network does: nothing takes its name before this is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.config.dataset_info import Source
from zoo.data.dataset import Values
from zoo.errors import DisagreementError
from zoo.export import folding, onnx_graph, quantize
from zoo.export.onnx_safety import first_line
from zoo.export.options import ExportOptions
from zoo.export.runtime_process import Pixels
from zoo.export.runtimes import (
    Answers,
    Runtime,
    RuntimeFailedError,
    RuntimeNotInstalledError,
    installed,
)
from zoo.export.sample_inputs import SampleInputs
from zoo.formatting import difference, setting
from zoo.nn.buffers import Array
from zoo.nn.losses import softmax
from zoo.training.model import Model

TOLERANCE = 1e-5  # between two probabilities


@dataclass(frozen=True)
class RuntimeResult:
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
class QuantizationLoss:
    """What int8 changes of the answers: the largest difference, and how many labels."""

    difference: float
    labels: int


@dataclass(frozen=True)
class VerificationReport:
    """What was tried, and how near the answers are."""

    input_description: str
    count: int
    agreements: tuple[RuntimeResult, ...]
    skipped: tuple[Skipped, ...]
    cost: QuantizationLoss | None


def verify(
    content: bytes,
    model: Model,
    form: ExportOptions,
    probes: SampleInputs,
    *,
    runtimes: Sequence[Runtime] | None = None,
) -> VerificationReport:
    """Return how near the exported graph comes to the network, or raise a Disagreement."""
    _check_structure(content, model)
    _check_tensors(content, model, form)
    logits = reference(model, form, probes.images)
    agreements: list[RuntimeResult] = []
    skipped: list[Skipped] = []
    for runtime in installed() if runtimes is None else runtimes:
        reason = runtime.reason_to_skip(form)
        if not reason:
            try:
                answers = _ask_runtime(runtime, content, model, form, probes.images)
            except RuntimeNotInstalledError as error:
                reason = f"it cannot be imported: {error}"
        if reason:
            skipped.append(Skipped(runtime.name, runtime.version, reason))
            continue
        difference = _difference(runtime, answers, logits, model)
        agreements.append(RuntimeResult(runtime.name, runtime.version, difference))
    if not agreements:
        raise DisagreementError(f"No runtime is here that could verify the export of {model.name}.")
    return VerificationReport(
        probes.description,
        len(probes),
        tuple(agreements),
        tuple(skipped),
        _cost(logits, model, probes.images) if form.int8 else None,
    )


def reference(model: Model, form: ExportOptions, images: Values) -> Array:
    """Return the logits that an export must give: the network's own, or those of its int8."""
    if form.int8:
        return quantize.logits(
            folding.inference_steps(model), images, divide=model.entry.preprocess.divide
        )
    return model.logits(images)


def _check_structure(content: bytes, model: Model) -> None:
    from onnx import checker, shape_inference

    try:
        checker.check_model(content, full_check=True)
        shape_inference.infer_shapes(content, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # noqa: BLE001 - onnx raises many kinds
        raise DisagreementError(
            f"onnx's own checker refuses the export of {model.name}: {first_line(error)}"
        ) from None


def _check_tensors(content: bytes, model: Model, form: ExportOptions) -> None:
    """Compare every number in the file with the network's, to the last bit."""
    from onnx import load_model_from_string, numpy_helper

    held = load_model_from_string(content).graph.initializer
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in held}
    expected = onnx_graph.tensors(model, form)
    for name in sorted(found.keys() | expected.keys()):
        if name not in found or name not in expected:
            where = "the network" if name in expected else "the export"
            raise DisagreementError(f"{name} is in {where} of {model.name} alone.")
        ours, theirs = expected[name], found[name]
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype) or (
            ours.tobytes() != theirs.tobytes()
        ):
            raise DisagreementError(f"{name} in the export is not the {name} of {model.name}.")


def _ask_runtime(
    runtime: Runtime, content: bytes, model: Model, form: ExportOptions, images: Values
) -> Answers:
    try:
        return runtime.ask(content, pixels(images, form, model.source), form.outputs)
    except RuntimeNotInstalledError:
        raise
    except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
        said = str(error) if isinstance(error, RuntimeFailedError) else first_line(error)
        raise DisagreementError(
            f"{runtime.name} {runtime.version} does not run the export of {model.name}: {said}"
        ) from None


def pixels(images: Values, form: ExportOptions, source: Source) -> Pixels:
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
        raise DisagreementError(
            f"{runtime.name} {runtime.version} and {model.name} differ by "
            f"{difference(largest)} in a probability; at most {setting(TOLERANCE)} was expected."
        )
    chosen = answers["logits"] if "logits" in answers else answers["probabilities"]
    for named in (chosen.argmax(axis=1), answers.get("label", labels)):
        if not np.array_equal(named, labels):
            raise DisagreementError(
                f"{runtime.name} {runtime.version} and {model.name} name different "
                f"classes in {np.count_nonzero(named != labels):,} of {len(labels):,} "
                f"{model.source.noun}s."
            )
    return largest


def _probabilities(name: str, array: Pixels) -> Array:
    return softmax(array) if name == "logits" else array


def _largest(one: Array, other: Array) -> float:
    if one.shape != other.shape:
        return float("nan")
    return float(np.abs(one.astype(np.float64) - other).max())


def _cost(logits: Array, model: Model, images: Values) -> QuantizationLoss:
    whole = model.logits(images)
    return QuantizationLoss(
        difference=_largest(softmax(logits), softmax(whole)),
        labels=int(np.count_nonzero(logits.argmax(axis=1) != whole.argmax(axis=1))),
    )
