"""What an exported file says of itself, and how it is believed when it is read again."""

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from zoo import __version__, faults
from zoo.data.sources import Source
from zoo.errors import CorruptFile
from zoo.export.form import Form
from zoo.model import Model
from zoo.weights import Facts

if TYPE_CHECKING:
    from onnx import ModelProto

PRODUCER = "zoo"
DOMAIN = "zoo"
SEAL = "sha256"  # of the file without this one line


def picture_words(source: Source, form: Form) -> str:
    """Return what a picture must look like, and what is done inside."""
    if not source.is_pictures:
        return f"{source.look} Scaling is done inside."
    if form.input == "pixels":
        return f"{source.look} Its rows stand one behind the other; scaling is done inside."
    return f"{source.look} Scaling and flattening are done inside."


def classes(source: Source) -> list[str]:
    """Return the names of the classes, in the order of the outputs."""
    return list(source.names)


def attach(proto: "ModelProto", model: Model, form: Form) -> None:
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
    if model.source.is_pictures:
        known["Image.BitmapPixelFormat"] = "Gray8"
        known["Image.NominalPixelRange"] = f"NominalRange_0_{model.source.highest}"
    for key, value in known.items():
        proto.metadata_props.add(key=key, value=value)
    proto.metadata_props.add(key=SEAL, value=_digest(proto))


def licence(model: Model) -> str:
    """Return whose the data and the README are, and on what terms."""
    words = f"{model.source.thing}s: {model.source.title}, {model.source.licence}"
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


def facts_in(proto: "ModelProto", *, where: str) -> Facts | None:
    """Return what an export of ours says of itself, and nothing for a file of somebody else."""
    known = {line.key: line.value for line in proto.metadata_props}
    if proto.producer_name != PRODUCER or "facts" not in known:
        return None
    if known.get("weights_sha256") != weights_digest(proto):
        raise CorruptFile(
            f"{where} holds other weights than those it was exported with.",
            hint="`zoo export --onnx` writes it anew.",
        )
    if proto.metadata_props[-1].key != SEAL or known[SEAL] != _unsealed_digest(proto):
        raise CorruptFile(
            f"{where} has changed since it was exported.",
            hint="`zoo export --onnx` writes it anew.",
        )
    try:
        entry = json.loads(known["config"])
        return Facts.model_validate_json(json.dumps(json.loads(known["facts"]) | {"entry": entry}))
    except ValidationError as error:
        first = faults.found(error, Facts)[0]
        if first.path[:1] == ("entry",) and first.path[-1:] == ("kind",):
            raise CorruptFile(f"{where} needs a package that is not here ({first}).") from None
        raise CorruptFile(f"{where} does not say which network it holds ({first}).") from None
    except (KeyError, ValueError, TypeError):
        raise CorruptFile(f"{where} does not say which network it holds.") from None


def _unsealed_digest(proto: "ModelProto") -> str:
    bare = type(proto)()
    bare.CopyFrom(proto)
    del bare.metadata_props[-1]
    return _digest(bare)
