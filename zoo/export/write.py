"""Exports on disk: NAME.onnx, written after its verification, and NAME.json, its record."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo import __version__
from zoo.errors import ConfigError, DisagreementError, ZooError
from zoo.export import metadata, onnx_graph, verify
from zoo.export.options import ExportOptions
from zoo.export.sample_inputs import sample_inputs, samples
from zoo.export.verify import TOLERANCE, VerificationReport
from zoo.files import read_bounded, write_output
from zoo.nn.losses import softmax
from zoo.training import weights
from zoo.training.model import Model

RECORD_KEYS = {"model", "entry", "zoo", "sha256", "verified"}  # of the .json of every export
MAX_RECORD_BYTES = 10_000_000


@dataclass(frozen=True)
class ExportedFile:
    """A written file and its metadata."""

    path: Path
    facts: dict[str, Any]

    @property
    def runtimes(self) -> set[str]:
        """The names of the runtimes that were run or skipped to verify it."""
        verified = self.facts.get("verified", {"runtimes": (), "skipped": ()})
        return {runtime["name"] for key in ("runtimes", "skipped") for runtime in verified[key]}


def write_onnx(model: Model, folder: Path, options: ExportOptions) -> ExportedFile:
    """Write NAME.onnx and NAME.json into the folder, or nothing if a runtime disagrees.

    The .onnx comes first because it is valid alone; the SHA-256 in a .json shows whether it belongs
    to the .onnx.
    """
    path, record = folder / f"{model.name}.onnx", folder / f"{model.name}.json"
    check_record(record)  # before the verification
    content = onnx_graph.to_onnx(model, options)
    try:
        report = verify.verify(content, model, options, sample_inputs(model.entry, model.data))
    except DisagreementError as error:
        if path.exists():
            error.hint = f"{error.hint} {path} was not replaced.".lstrip()
        raise
    facts = _facts(content, model, options, report)
    text = _text(facts)
    write_output(path, content)
    write_output(record, text.encode())
    return ExportedFile(path, facts)


def check_record(path: Path) -> None:
    """Raise if a file has the name of an export's record and is not one."""
    if not os.path.lexists(path):
        return
    try:
        facts = json.loads(read_bounded(path, MAX_RECORD_BYTES))
    except (ZooError, ValueError, RecursionError):  # json raises ValueError
        facts = None
    if not (isinstance(facts, dict) and facts.keys() >= RECORD_KEYS):
        raise ConfigError(
            f"{path} was not written by `zoo export`, so it is not replaced.",
            hint="Move it, or choose another folder: -o DIR.",
        )


def write_safetensors(model: Model, folder: Path) -> ExportedFile:
    """Write NAME.safetensors into the folder: the arrays, with their metadata in the header."""
    path = folder / f"{model.name}.safetensors"
    content = weights.serialize(model.network, model.facts)
    write_output(path, content)
    return ExportedFile(path, {"model": model.name, **_identity(path.name, content)})


def _identity(name: str, content: bytes) -> dict[str, Any]:
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _facts(
    content: bytes, model: Model, options: ExportOptions, report: VerificationReport
) -> dict[str, Any]:
    from onnx import load_model_from_string

    proto = load_model_from_string(content)
    return {
        "model": model.name,
        "entry": model.entry.name,
        "zoo": __version__,
        **_identity(f"{model.name}.onnx", content),
        "opset": options.opset,
        "ir": options.ir_version,
        "int8": options.int8,
        "inputs": [_describe(value) for value in proto.graph.input],
        "outputs": [_describe(value) for value in proto.graph.output],
        "classes": metadata.classes(model.source),
        **({"columns": list(model.source.table.inputs)} if model.source.table else {}),
        "picture": metadata.input_description(model.source, options),
        "verified": _verification(report),
        "examples": _examples(model, options),
    }


def _text(facts: dict[str, Any]) -> str:
    """Return readable JSON: each row of pixels is one line."""
    facts = dict(facts)
    examples = facts.pop("examples")
    lines = [
        '  {"picture": [\n   '
        + ",\n   ".join(map(json.dumps, example["picture"]))
        + f'],\n   "probabilities": {json.dumps(example["probabilities"])}}}'
        for example in examples
    ]
    head = json.dumps(facts, indent=1, allow_nan=False).removesuffix("\n}")
    return f'{head},\n "examples": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def _describe(value: Any) -> dict[str, Any]:
    from onnx import TensorProto
    from onnx.helper import tensor_dtype_to_np_dtype

    kind = value.type.tensor_type
    return {
        "name": value.name,
        "type": "string"
        if kind.elem_type == TensorProto.STRING
        else tensor_dtype_to_np_dtype(kind.elem_type).name,
        "shape": [axis.dim_param or axis.dim_value for axis in kind.shape.dim],
    }


def _verification(report: VerificationReport) -> dict[str, Any]:
    return {
        "pictures": report.input_description,
        "count": report.count,
        "tolerance": TOLERANCE,
        "runtimes": [
            {
                "name": runtime.name,
                "version": runtime.version,
                "largest_difference": runtime.difference,
                "labels_equal": True,  # otherwise no file is written
            }
            for runtime in report.agreements
        ],
        "skipped": [asdict(runtime) for runtime in report.skipped],
        "int8_cost": report.quantization_effect and asdict(report.quantization_effect),
    }


def _examples(model: Model, options: ExportOptions) -> list[dict[str, Any]]:
    """Return three images with the expected probabilities, to test the file in another program."""
    images = samples(model.entry)
    probabilities = softmax(verify.reference(model, options, images))
    return [
        {
            "picture": image.reshape(model.source.shape).tolist(),
            "probabilities": [float(p) for p in row],
        }
        for image, row in zip(images, probabilities, strict=True)
    ]
