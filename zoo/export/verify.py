"""Verification of an export: every installed runtime must agree with the network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.config.dataset_info import Source
from zoo.data.dataset import Values
from zoo.errors import DisagreementError
from zoo.export import folding, onnx_graph, quantize
from zoo.export.onnx_errors import first_line
from zoo.export.options import ExportOptions
from zoo.export.runtime_process import Pixels
from zoo.export.runtimes import (
    Outputs,
    Runtime,
    RuntimeFailedError,
    RuntimeNotInstalledError,
    installed,
)
from zoo.export.sample_inputs import SampleInputs
from zoo.formatting import difference, setting
from zoo.nn.buffers import Array
from zoo.nn.losses import softmax
from zoo.training.learned import filled
from zoo.training.model import Model

TOLERANCE = 1e-5  # between two probabilities


@dataclass(frozen=True)
class RuntimeResult:
    """A runtime that predicted the same labels, and its largest difference in a probability."""

    name: str
    version: str
    difference: float


@dataclass(frozen=True)
class Skipped:
    """A runtime that was not run, and the reason."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True)
class QuantizationEffect:
    """The effect of int8: the largest difference in a probability, and the changed labels."""

    difference: float
    labels: int


@dataclass(frozen=True)
class VerificationReport:
    """The sample inputs, and the result of each runtime."""

    input_description: str
    count: int
    agreements: tuple[RuntimeResult, ...]
    skipped: tuple[Skipped, ...]
    quantization_effect: QuantizationEffect | None


def verify(
    content: bytes,
    model: Model,
    options: ExportOptions,
    samples: SampleInputs,
    *,
    runtimes: Sequence[Runtime] | None = None,
) -> VerificationReport:
    """Return how closely the export agrees with the network; raise DisagreementError otherwise."""
    _check_structure(content, model)
    _check_tensors(content, model, options)
    images = filled(samples.images, model.entry)  # the graph fills the rows itself
    logits = reference(model, options, images)
    agreements: list[RuntimeResult] = []
    skipped: list[Skipped] = []
    for runtime in installed() if runtimes is None else runtimes:
        reason = runtime.reason_to_skip(options)
        if not reason:
            try:
                outputs = _run(runtime, content, model, options, samples.images)
            except RuntimeNotInstalledError as error:
                reason = f"it cannot be imported: {error}"
        if reason:
            skipped.append(Skipped(runtime.name, runtime.version, reason))
            continue
        largest = _difference(runtime, outputs, logits, model)
        agreements.append(RuntimeResult(runtime.name, runtime.version, largest))
    if not agreements:
        reasons = "; ".join(f"{item.reason} ({item.name} {item.version})" for item in skipped)
        raise DisagreementError(
            f"No installed runtime can verify the export of {model.name}: {reasons}.",
            hint="Run `pip install onnxruntime`, or leave out --opset.",
        )
    return VerificationReport(
        samples.description,
        len(samples),
        tuple(agreements),
        tuple(skipped),
        _quantization_effect(logits, model, images) if options.int8 else None,
    )


def reference(model: Model, options: ExportOptions, images: Values) -> Array:
    """Return the expected logits (n, classes): those of the network, or of its int8 weights."""
    if options.int8:
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
            f"ONNX's checker rejects the export of {model.name}: {first_line(error)}"
        ) from None


def _check_tensors(content: bytes, model: Model, options: ExportOptions) -> None:
    """Compare every array in the file with the network's, bit by bit."""
    from onnx import load_model_from_string, numpy_helper

    initializers = load_model_from_string(content).graph.initializer
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in initializers}
    expected = onnx_graph.tensors(model, options)
    for name in sorted(arrays.keys() | expected.keys()):
        if name not in arrays or name not in expected:
            where = "the network" if name in expected else "the export"
            raise DisagreementError(f"{name} is only in {where} of {model.name}.")
        array, stored = expected[name], arrays[name]
        same = (array.shape, array.dtype) == (stored.shape, stored.dtype) and (
            np.array_equal(array, stored)
            if array.dtype == object  # texts
            else array.tobytes() == stored.tobytes()
        )
        if not same:
            raise DisagreementError(f"{name} in the export differs from that of {model.name}.")


def _run(
    runtime: Runtime, content: bytes, model: Model, options: ExportOptions, images: Values
) -> Outputs:
    try:
        return runtime.run(content, pixels(images, options, model.source), options.outputs)
    except RuntimeNotInstalledError:
        raise
    except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
        reason = str(error) if isinstance(error, RuntimeFailedError) else first_line(error)
        raise DisagreementError(
            f"{runtime.name} {runtime.version} cannot run the export of {model.name}: {reason}"
        ) from None


def pixels(images: Values, options: ExportOptions, source: Source) -> Pixels:
    """Return the graph's input: (n, rows, columns) uint8, or (n, features) float32."""
    if options.input_name(source) == "image":
        return images.reshape(len(images), *source.shape)
    return images.astype(np.float32)


def _difference(runtime: Runtime, outputs: Outputs, logits: Array, model: Model) -> float:
    """Return the largest difference between two probabilities; raise if it is too large."""
    labels = logits.argmax(axis=1)
    probabilities = [
        _probabilities(name, array)
        for name, array in outputs.items()
        if name in {"logits", "probabilities"}
    ]
    differences = [_largest_difference(array, softmax(logits)) for array in probabilities]
    largest = max(differences, key=lambda value: (np.isnan(value), value))
    if not largest <= TOLERANCE:  # true for NaN, too
        raise DisagreementError(
            f"{runtime.name} {runtime.version} and {model.name} differ by "
            f"{difference(largest)} in a probability; at most {setting(TOLERANCE)} was expected."
        )
    scores = outputs["logits"] if "logits" in outputs else outputs["probabilities"]
    names = np.array(model.source.names)[labels]
    for predicted, expected in (
        (scores.argmax(axis=1), labels),
        (outputs.get("label", labels), labels),
        (outputs.get("class", names), names),
    ):
        if not np.array_equal(predicted, expected):
            raise DisagreementError(
                f"{runtime.name} {runtime.version} and {model.name} predict different "
                f"classes for {np.count_nonzero(predicted != expected):,} of {len(labels):,} "
                f"{model.source.noun}s."
            )
    return largest


def _probabilities(name: str, array: Pixels) -> Array:
    return softmax(array) if name == "logits" else array


def _largest_difference(actual: Array, expected: Array) -> float:
    if actual.shape != expected.shape:
        return float("nan")
    return float(np.abs(actual.astype(np.float64) - expected).max())


def _quantization_effect(logits: Array, model: Model, images: Values) -> QuantizationEffect:
    exact = model.logits(images)
    return QuantizationEffect(
        difference=_largest_difference(softmax(logits), softmax(exact)),
        labels=int(np.count_nonzero(logits.argmax(axis=1) != exact.argmax(axis=1))),
    )
