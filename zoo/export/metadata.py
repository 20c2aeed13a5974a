"""Metadata of an exported file, and its checks when the file is read."""

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from zoo import __version__
from zoo.config import issues
from zoo.config.dataset_info import Source
from zoo.errors import CorruptFileError
from zoo.export.options import ExportOptions
from zoo.formatting import listed
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

if TYPE_CHECKING:
    from onnx import ModelProto

PRODUCER = "zoo"
DOMAIN = "zoo"
CHECKSUM_KEY = "sha256"  # the digest of the file without this property


def input_description(source: Source, options: ExportOptions) -> str:
    """Return a description of the expected input, which the file stores."""
    if source.table:
        missing = " NaN is a missing number." if source.table.means else ""
        return f"A row of {listed(source.table.inputs)}.{missing} Scaling is done inside."
    if not source.has_images:
        return f"{source.appearance} Scaling is done inside."
    if options.input == "pixels":
        return f"{source.appearance} Its rows stand one behind the other; scaling is done inside."
    return f"{source.appearance} Scaling and flattening are done inside."


def classes(source: Source) -> list[str]:
    """Return the names of the classes, in the order of the outputs."""
    return list(source.names)


def attach(proto: "ModelProto", model: Model, options: ExportOptions) -> None:
    """Add the model's metadata to the file, and last a checksum over the rest.

    The scores were measured with float weights, so an int8 file does not contain them.
    """
    facts = model.facts.model_copy(update={"scores": {}}) if options.int8 else model.facts
    split = facts.entry.claim.split if facts.entry.claim else next(reversed(facts.scores), None)
    score = facts.scores.get(split) if split else None
    properties = {
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
        properties["Image.BitmapPixelFormat"] = "Gray8"
        properties["Image.NominalPixelRange"] = f"NominalRange_0_{model.source.highest}"
    if model.source.table:
        properties["columns"] = json.dumps(model.source.table.inputs)
    for key, value in properties.items():
        proto.metadata_props.add(key=key, value=value)
    proto.metadata_props.add(key=CHECKSUM_KEY, value=_digest(proto))


def licence(model: Model) -> str:
    """Return the origin and the licence of the data and of the README."""
    noun = "pictures" if model.source.has_images else "rows"  # the word in files of every version
    text = f"{noun}: {model.source.title}, {model.source.licence}"
    origin = model.entry.origin
    return f"{text}; README: {origin.title}, licence: {origin.licence}" if origin else text


def weights_digest(proto: "ModelProto") -> str:
    """Return the SHA-256 of all arrays in the graph, with their names, types and shapes."""
    digest = hashlib.sha256()
    for tensor in proto.graph.initializer:
        digest.update(tensor.SerializeToString(deterministic=True))
    return digest.hexdigest()


def _digest(proto: "ModelProto") -> str:
    return hashlib.sha256(proto.SerializeToString(deterministic=True)).hexdigest()


def read_metadata(proto: "ModelProto", *, where: str) -> WeightsMetadata | None:
    """Return the metadata of an export of zoo, or None if another program wrote the file."""
    properties = {line.key: line.value for line in proto.metadata_props}
    if proto.producer_name != PRODUCER or "facts" not in properties:
        return None
    if properties.get("weights_sha256") != weights_digest(proto):
        raise CorruptFileError(
            f"{where} does not contain the weights that were exported.",
            hint="Create it again with `zoo export --onnx`.",
        )
    if proto.metadata_props[-1].key != CHECKSUM_KEY or properties[
        CHECKSUM_KEY
    ] != _digest_without_checksum(proto):
        raise CorruptFileError(
            f"{where} was modified after its export.",
            hint="Create it again with `zoo export --onnx`.",
        )
    try:
        facts = json.loads(properties["facts"]) | {"entry": json.loads(properties["config"])}
        return WeightsMetadata.parse(json.dumps(facts), where=where)
    except ValidationError as error:
        first = issues.issues_from(error, WeightsMetadata)[0]
        raise CorruptFileError(f"{where} has invalid metadata ({first}).") from None
    except (KeyError, ValueError, TypeError, RecursionError):
        raise CorruptFileError(f"{where} has invalid metadata.") from None


def _digest_without_checksum(proto: "ModelProto") -> str:
    bare = type(proto)()
    bare.CopyFrom(proto)
    del bare.metadata_props[-1]
    return _digest(bare)
