"""An export on disk: NAME.onnx once it is verified, and beside it NAME.json that says so."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo import __version__
from zoo.errors import DisagreementError
from zoo.export import metadata, onnx_graph, verify
from zoo.export.options import ExportOptions
from zoo.export.sample_inputs import sample_inputs, samples
from zoo.export.verify import TOLERANCE, VerificationReport
from zoo.files import write_atomically
from zoo.nn.losses import softmax
from zoo.training import weights
from zoo.training.model import Model


@dataclass(frozen=True)
class ExportedFile:
    """A file that was written, and what is known of it."""

    path: Path
    facts: dict[str, Any]


def write_onnx(model: Model, folder: Path, form: ExportOptions) -> ExportedFile:
    """Write NAME.onnx and NAME.json into the folder, or nothing if a runtime disagrees.

    The .onnx comes first: alone it is sound, and a .json beside it that speaks of another one is
    told by the SHA-256 in it.
    """
    content = onnx_graph.to_onnx(model, form)
    path = folder / f"{model.name}.onnx"
    try:
        verified = verify.verify(content, model, form, sample_inputs(model.entry))
    except DisagreementError as error:
        if path.exists():
            error.hint = f"{path} was not replaced."
        raise
    facts = _facts(content, model, form, verified)
    text = _text(facts)
    write_atomically(path, content)
    write_atomically(folder / f"{model.name}.json", text.encode())
    return ExportedFile(path, facts)


def write_safetensors(model: Model, folder: Path) -> ExportedFile:
    """Write NAME.safetensors into the folder: the bare arrays, with their facts in the header."""
    path = folder / f"{model.name}.safetensors"
    weights.write(path, model.network, model.facts)
    content = path.read_bytes()
    return ExportedFile(path, {"model": model.name, **_identity(path.name, content)})


def _identity(name: str, content: bytes) -> dict[str, Any]:
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _facts(
    content: bytes, model: Model, form: ExportOptions, verified: VerificationReport
) -> dict[str, Any]:
    from onnx import load_model_from_string

    proto = load_model_from_string(content)
    return {
        "model": model.name,
        "entry": model.entry.name,
        "zoo": __version__,
        **_identity(f"{model.name}.onnx", content),
        "opset": form.opset,
        "ir": form.ir_version,
        "int8": form.int8,
        "inputs": [_described(value) for value in proto.graph.input],
        "outputs": [_described(value) for value in proto.graph.output],
        "classes": metadata.classes(model.source),
        "picture": metadata.input_description(model.source, form),
        "verified": _verification(verified),
        "examples": _examples(model, form),
    }


def _text(facts: dict[str, Any]) -> str:
    """Return JSON to be read by people too: a row of pixels is a line, not one for each."""
    facts = dict(facts)
    examples = facts.pop("examples")
    lines = [
        '  {"picture": [\n   '
        + ",\n   ".join(map(json.dumps, one["picture"]))
        + f'],\n   "probabilities": {json.dumps(one["probabilities"])}}}'
        for one in examples
    ]
    known = json.dumps(facts, indent=1, allow_nan=False).removesuffix("\n}")
    return f'{known},\n "examples": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def _described(value: Any) -> dict[str, Any]:
    from onnx.helper import tensor_dtype_to_np_dtype

    kind = value.type.tensor_type
    return {
        "name": value.name,
        "type": tensor_dtype_to_np_dtype(kind.elem_type).name,
        "shape": [axis.dim_param or axis.dim_value for axis in kind.shape.dim],
    }


def _verification(verified: VerificationReport) -> dict[str, Any]:
    return {
        "pictures": verified.input_description,
        "count": verified.count,
        "tolerance": TOLERANCE,
        "runtimes": [
            {
                "name": one.name,
                "version": one.version,
                "largest_difference": one.difference,
                "labels_equal": True,  # otherwise there were no file
            }
            for one in verified.agreements
        ],
        "skipped": [asdict(one) for one in verified.skipped],
        "int8_cost": verified.cost and asdict(verified.cost),
    }


def _examples(model: Model, form: ExportOptions) -> list[dict[str, Any]]:
    """Return three pictures with the right answers, for whoever takes the file elsewhere."""
    images = samples(model.entry)
    answers = softmax(verify.reference(model, form, images))
    return [
        {
            "picture": image.reshape(model.source.shape).tolist(),
            "probabilities": [float(share) for share in answer],
        }
        for image, answer in zip(images, answers, strict=True)
    ]
