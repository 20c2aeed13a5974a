"""A trained network in one file: its arrays as safetensors, and in the header what they are."""

import hashlib
import json
from collections.abc import Mapping
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
from zoo.errors import CorruptFileError, DataError, ZooError
from zoo.files import write_atomically
from zoo.nn.metrics import Score
from zoo.nn.network import Network
from zoo.training import build

KEY = "zoo"  # one key alone in the header: safetensors writes several in no fixed order
CAP = 200_000_000  # bytes: fifty million parameters


class WeightsMetadata(BaseModel):
    """What is known of a trained network: all that an answer, an export or a card needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal[1] = 1
    entry: Entry
    seed: int
    data: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # the digest of what it was trained on
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # of all that it learned
    scores: dict[SplitName, Score]
    zoo: str
    packages: dict[str, str] = {}  # whose kinds it has, with their versions and code

    @model_serializer(mode="wrap")
    def _without_packages(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out that there are none, as files did before there could be."""
        found: dict[str, Any] = write(self)
        return found if self.packages else {k: v for k, v in found.items() if k != "packages"}

    @classmethod
    def of(
        cls, network: Network, entry: Entry, *, data: str, scores: dict[SplitName, Score]
    ) -> Self:
        """Return the facts of a network that was just trained."""
        return cls(
            entry=entry.without_results,
            seed=entry.train.seed,
            data=data,
            digest=digest(network),
            scores=scores,
            zoo=__version__,
            packages=cache_key.plugin_packages(entry),
        )

    @property
    def fingerprint(self) -> str:
        """The start of the digest: equal bits, equal print."""
        return self.digest[:12]


def digest(network: Network) -> str:
    """Return a SHA-256 over all that the network learned."""
    found = hashlib.sha256(network.parameters.astype("<f4", copy=False).tobytes())
    found.update(network.statistics.astype("<f4", copy=False).tobytes())
    return found.hexdigest()


def write(path: Path, network: Network, facts: WeightsMetadata) -> None:
    """Write W1, b1, W2, b2 ... and the facts; the same network gives the same bytes."""
    write_atomically(path, serialize(network, facts))


def serialize(network: Network, facts: WeightsMetadata) -> bytes:
    """Return what stands in the file of a network."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(view) for name, view in network.named_arrays()}
    text = facts.model_dump_json()
    known = {"facts": text, "sha256": _checksum(text)}
    return save(arrays, {KEY: json.dumps(known)})


def _checksum(text: str) -> str:
    """Return the SHA-256 of the facts as they were written, whatever is added to them later."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path, *, sha256: str | None = None) -> tuple[Network, WeightsMetadata]:
    """Return the network in the file at `path`, which must have this SHA-256 if one is given."""
    content = _content(path)
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise CorruptFileError(
            f"{path} has not the SHA-256 that its entry names: it was damaged or replaced.",
            hint="Install zoo, or the package that brings the entry, again.",
        )
    return deserialize(content, where=str(path))


def deserialize(content: bytes, *, where: str) -> tuple[Network, WeightsMetadata]:
    """Return the network whose file has this content; `where` names it in errors.

    Nothing in it is believed: shapes, types, numbers and the digest of all must be right.
    """
    try:
        arrays, facts = _parse(content)
        network = _network(arrays, facts, size=len(content))
    except _MissingPackagesError as error:
        raise MissingPluginError(where, error.packages, error) from None
    except (_WeightsError, ZooError) as error:
        raise CorruptFileError(f"{where} holds no network of zoo: {error}") from None
    _warn_of_other_versions(facts, where)
    return network, facts


def _warn_of_other_versions(facts: WeightsMetadata, where: str) -> None:
    """Say it if other code than in the training stands behind the kinds of packages."""
    if facts.packages and facts.packages != (now := cache_key.plugin_packages(facts.entry)):
        before, after = (
            " and ".join(f"{name} {version}" for name, version in found.items())
            for found in (facts.packages, now)
        )
        plugins.warn(
            f"{where} was trained with {before}; here is {after}: it may answer otherwise."
        )


class _WeightsError(Exception):
    """What is wrong with a file of weights; the message is the end of a sentence."""


class _MissingPackagesError(_WeightsError):
    """A kind that nothing here brings."""

    def __init__(self, packages: Mapping[str, str], fault: issues.Issue) -> None:
        super().__init__(str(fault))
        self.packages = packages


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(CAP + 1)
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    if len(content) > CAP:
        raise CorruptFileError(
            f"{path} has more than {CAP:,} bytes, which are the most that are read."
        )
    return content


def _parse(content: bytes) -> tuple[dict[str, npt.NDArray[Any]], WeightsMetadata]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
        length = int.from_bytes(content[:8], "little")  # now known to be a sane header's
        known = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _WeightsError(f"it is not valid safetensors ({error}).") from None
    if KEY not in known:
        raise _WeightsError("its header does not say which network the arrays belong to.")
    try:
        sealed = json.loads(known[KEY])
        if _checksum(sealed["facts"]) != sealed["sha256"]:
            raise _WeightsError("its header has changed since it was written.")
        facts = WeightsMetadata.model_validate_json(sealed["facts"])
    except ValidationError as error:
        first = issues.issues_from(error, WeightsMetadata)[0]
        if first.path[:1] == ("entry",) and first.path[-1:] == ("kind",):
            raise _MissingPackagesError(
                json.loads(sealed["facts"]).get("packages", {}), first
            ) from None
        raise _WeightsError(f"its header is damaged ({first}).") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _WeightsError("its header is damaged.") from None
    return arrays, facts


def _network(arrays: dict[str, npt.NDArray[Any]], facts: WeightsMetadata, *, size: int) -> Network:
    entry = facts.entry
    if 4 * entry.parameters > size:  # before anything of that size is allocated
        raise _WeightsError(
            f"{entry.architecture} has {entry.parameters:,} parameters, more than the file."
        )
    network = build.build_network(entry, np.random.default_rng(0))  # its dropout is never asked
    views = dict(network.named_arrays())
    if missing := sorted(views.keys() - arrays.keys()):
        raise _WeightsError(f"{', '.join(missing)} is missing.")
    if unknown := sorted(arrays.keys() - views.keys()):
        raise _WeightsError(f"{', '.join(unknown)} does not belong to {entry.architecture}.")
    for name, view in views.items():
        array = arrays[name]
        if array.shape != view.shape or array.dtype != view.dtype:
            raise _WeightsError(
                f"{name} is {array.dtype} {array.shape}, "
                f"and {entry.architecture} has {view.dtype} {view.shape} there."
            )
        if not np.isfinite(array).all():
            raise _WeightsError(f"{name} holds numbers that are not finite.")
        np.copyto(view, array)
    if digest(network) != facts.digest:
        raise _WeightsError("its arrays are not those that its header speaks of.")
    return network
