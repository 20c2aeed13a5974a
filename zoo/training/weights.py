"""Weights files: the arrays of a trained network as safetensors, with metadata in the header."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from zoo import __version__
from zoo.config import cache_key, issues, plugins
from zoo.config.entry import Entry, SplitName
from zoo.config.plugins import MissingPluginError
from zoo.errors import CorruptFileError, ZooError
from zoo.files import read_bounded, write_atomically
from zoo.nn.metrics import Score
from zoo.nn.network import Network
from zoo.training import build

KEY = "zoo"  # one key only, because safetensors writes several keys in a random order
MAX_BYTES = 200_000_000  # fifty million parameters


class WeightsMetadata(BaseModel):
    """The metadata of a trained network: everything that prediction, export and cards need."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal[1] = 1
    entry: Entry
    seed: int
    data: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # the digest of the training data
    # the digest of the parameters and statistics
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scores: dict[SplitName, Score]
    zoo: str
    packages: dict[str, str] = {}  # plugins of its kinds, with versions and digests of their code

    @model_serializer(mode="wrap")
    def _without_packages(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Omit an empty `packages`, as older files do."""
        fields: dict[str, Any] = write(self)
        return fields if self.packages else {k: v for k, v in fields.items() if k != "packages"}

    @classmethod
    def of(
        cls, network: Network, entry: Entry, *, data: str, scores: dict[SplitName, Score]
    ) -> Self:
        """Return the metadata of a network that was just trained."""
        return cls(
            entry=entry.without_results.without_folders,
            seed=entry.train.seed,
            data=data,
            digest=digest(network),
            scores=scores,
            zoo=__version__,
            packages=cache_key.plugin_packages(entry),
        )

    @classmethod
    def parse(cls, text: str, *, where: str) -> Self:
        """Return the metadata in this JSON; raise MissingPluginError if it lacks only plugins."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            problems = issues.issues_from(error, cls)
            if all((*issue.path[:1], *issue.path[-1:]) == ("entry", "kind") for issue in problems):
                packages = json.loads(text).get("packages", {})
                raise MissingPluginError(where, packages, problems[0]) from None
            raise

    @property
    def fingerprint(self) -> str:
        """The first 12 digits of the digest."""
        return self.digest[:12]


def digest(network: Network) -> str:
    """Return a SHA-256 over the parameters and statistics."""
    result = hashlib.sha256(network.parameters.astype("<f4", copy=False).tobytes())
    result.update(network.statistics.astype("<f4", copy=False).tobytes())
    return result.hexdigest()


def write(path: Path, network: Network, metadata: WeightsMetadata) -> None:
    """Write W1, b1, W2, b2 ... and the metadata; equal networks have equal bytes."""
    write_atomically(path, serialize(network, metadata))


def serialize(network: Network, metadata: WeightsMetadata) -> bytes:
    """Return the content of a weights file."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(view) for name, view in network.named_arrays()}
    text = metadata.model_dump_json()
    header = {"facts": text, "sha256": _checksum(text)}
    return save(arrays, {KEY: json.dumps(header)})


def _checksum(text: str) -> str:
    """Return the SHA-256 of the text, which does not change if later versions add keys."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path, *, sha256: str | None = None) -> tuple[Network, WeightsMetadata]:
    """Return the network in a file, which must have this SHA-256 if one is given."""
    content = read_bounded(path, MAX_BYTES)
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise CorruptFileError(
            f"{path} does not have the SHA-256 of its entry: it was damaged or replaced.",
            hint="Reinstall zoo, or the package that provides the entry.",
        )
    return deserialize(content, where=str(path))


def deserialize(content: bytes, *, where: str) -> tuple[Network, WeightsMetadata]:
    """Return the network in this content; errors call it `where`.

    The content is not trusted: shapes, dtypes, values and the digest are checked.
    """
    try:
        arrays, metadata = _parse(content, where=where)
        network = _network(arrays, metadata, size=len(content))
    except MissingPluginError:
        raise
    except (_WeightsError, ZooError) as error:
        raise CorruptFileError(f"{where} is not a weights file of zoo: {error}") from None
    _warn_of_other_versions(metadata, where)
    return network, metadata


def _warn_of_other_versions(metadata: WeightsMetadata, where: str) -> None:
    """Warn if the installed plugins differ from those of the training."""
    if not metadata.packages:
        return
    installed = cache_key.plugin_packages(metadata.entry)
    if metadata.packages != installed:
        before, now = (
            " and ".join(f"{name} {version}" for name, version in packages.items())
            for packages in (metadata.packages, installed)
        )
        plugins.warn(
            f"{where} was trained with {before}, and {now} is installed: predictions may differ."
        )


class _WeightsError(Exception):
    """A problem of a weights file; the message is the end of a sentence."""


def _parse(content: bytes, *, where: str) -> tuple[dict[str, npt.NDArray[Any]], WeightsMetadata]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
        length = int.from_bytes(content[:8], "little")  # `load` has checked it
        header = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _WeightsError(f"it is not valid safetensors ({error}).") from None
    if KEY not in header:
        raise _WeightsError("its header has no metadata of zoo.")
    try:
        signed = json.loads(header[KEY])
        if _checksum(signed["facts"]) != signed["sha256"]:
            raise _WeightsError("its header does not match its checksum.")
        metadata = WeightsMetadata.parse(signed["facts"], where=where)
    except ValidationError as error:
        first = issues.issues_from(error, WeightsMetadata)[0]
        raise _WeightsError(f"its header is damaged ({first}).") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _WeightsError("its header is damaged.") from None
    return arrays, metadata


def _network(
    arrays: dict[str, npt.NDArray[Any]], metadata: WeightsMetadata, *, size: int
) -> Network:
    entry = metadata.entry
    if 4 * entry.parameters > size:  # checked before the network is allocated
        raise _WeightsError(
            f"{entry.architecture} has {entry.parameters:,} parameters, more than the file."
        )
    # prediction draws nothing, so the seed does not matter
    network = build.build_network(entry, np.random.default_rng(0))
    views = dict(network.named_arrays())
    if missing := sorted(views.keys() - arrays.keys()):
        raise _WeightsError(f"{', '.join(missing)} is missing.")
    if unknown := sorted(arrays.keys() - views.keys()):
        raise _WeightsError(f"{', '.join(unknown)} does not belong to {entry.architecture}.")
    for name, view in views.items():
        array = arrays[name]
        if array.shape != view.shape or array.dtype != view.dtype:
            raise _WeightsError(
                f"{name}: expected {view.dtype} {view.shape} for {entry.architecture}, "
                f"got {array.dtype} {array.shape}."
            )
        if not np.isfinite(array).all():
            raise _WeightsError(f"{name} contains NaN or infinite values.")
        np.copyto(view, array)
    if digest(network) != metadata.digest:
        raise _WeightsError("its arrays do not match the digest in its header.")
    return network
