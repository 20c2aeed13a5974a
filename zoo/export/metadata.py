"""What an exported file says of itself, and how it is believed when it is read again."""

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from zoo import __version__
from zoo.config import issues
from zoo.config.dataset_info import Source
from zoo.errors import CorruptFileError
from zoo.export.options import ExportOptions
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

if TYPE_CHECKING:
    from onnx import ModelProto

PRODUCER = "zoo"
DOMAIN = "zoo"
CHECKSUM_KEY = "sha256"  # of the file without this one line


def input_description(source: Source, form: ExportOptions) -> str:
    """Return what a picture must look like, and what is done inside."""
    if not source.has_images:
        return f"{source.appearance} Scaling is done inside."
    if form.input == "pixels":
        return f"{source.appearance} Its rows stand one behind the other; scaling is done inside."
    return f"{source.appearance} Scaling and flattening are done inside."


def classes(source: Source) -> list[str]:
    """Return the names of the classes, in the order of the outputs."""
    return list(source.names)


def attach(proto: "ModelProto", model: Model, form: ExportOptions) -> None:
    """Write all that is known of the model into the file, and a seal over the whole.

    What was measured is measured of float weights: with int8 it would be somebody else's.
    """
    facts = model.facts.model_copy(update={"scores": {}}) if form.int8 else model.facts
    split = facts.entry.claim.split if facts.entry.claim else next(reversed(facts.scores), None)
    score = facts.scores.get(split) if split else None
    known = {
        "entry": facts.entry.name,
        "version": __version__,
        "config": facts.entry.model_dump_json(exclude_defaults=True),
        "facts": facts.model_dump_json(exclude={"entry"}),
        "data_sha256": facts.data,
        "weights_sha256": weights_digest(proto),
        "classes": json.dumps(classes(model.source)),
        "accuracy": str(score.accuracy) if score else "not measured",
        "accuracy_split": split if score and split else "none",
        "licence": licence(model),
    }
    if model.source.has_images:
        known["Image.BitmapPixelFormat"] = "Gray8"
        known["Image.NominalPixelRange"] = f"NominalRange_0_{model.source.highest}"
    for key, value in known.items():
        proto.metadata_props.add(key=key, value=value)
    proto.metadata_props.add(key=CHECKSUM_KEY, value=_digest(proto))


def licence(model: Model) -> str:
    """Return whose the data and the README are, and on what terms."""
    words = f"{model.source.noun}s: {model.source.title}, {model.source.licence}"
    origin = model.entry.origin
    return f"{words}; README: {origin.title}, licence: {origin.licence}" if origin else words


def weights_digest(proto: "ModelProto") -> str:
    """Return a SHA-256 over every array in the graph, with its name, its type and its shape."""
    digest = hashlib.sha256()
    for tensor in proto.graph.initializer:
        digest.update(tensor.SerializeToString(deterministic=True))
    return digest.hexdigest()


def _digest(proto: "ModelProto") -> str:
    return hashlib.sha256(proto.SerializeToString(deterministic=True)).hexdigest()


def read_metadata(proto: "ModelProto", *, where: str) -> WeightsMetadata | None:
    """Return what an export of ours says of itself, and nothing for a file of somebody else."""
    known = {line.key: line.value for line in proto.metadata_props}
    if proto.producer_name != PRODUCER or "facts" not in known:
        return None
    if known.get("weights_sha256") != weights_digest(proto):
        raise CorruptFileError(
            f"{where} holds other weights than those it was exported with.",
            hint="`zoo export --onnx` writes it anew.",
        )
    if proto.metadata_props[-1].key != CHECKSUM_KEY or known[
        CHECKSUM_KEY
    ] != _digest_without_checksum(proto):
        raise CorruptFileError(
            f"{where} has changed since it was exported.",
            hint="`zoo export --onnx` writes it anew.",
        )
    try:
        entry = json.loads(known["config"])
        return WeightsMetadata.model_validate_json(
            json.dumps(json.loads(known["facts"]) | {"entry": entry})
        )
    except ValidationError as error:
        first = issues.issues_from(error, WeightsMetadata)[0]
        if first.path[:1] == ("entry",) and first.path[-1:] == ("kind",):
            raise CorruptFileError(f"{where} needs a package that is not here ({first}).") from None
        raise CorruptFileError(f"{where} does not say which network it holds ({first}).") from None
    except (KeyError, ValueError, TypeError):
        raise CorruptFileError(f"{where} does not say which network it holds.") from None


def _digest_without_checksum(proto: "ModelProto") -> str:
    bare = type(proto)()
    bare.CopyFrom(proto)
    del bare.metadata_props[-1]
    return _digest(bare)
