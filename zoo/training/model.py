"""A trained network ready to answer, from wherever it lies: an entry's package, a run, a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from zoo.config.dataset_info import Source
from zoo.config.entry import Entry
from zoo.config.packages import folder_of
from zoo.data.dataset import Values
from zoo.errors import ConfigError, CorruptFileError, DataError
from zoo.nn.buffers import Array
from zoo.nn.network import Network
from zoo.training import weights
from zoo.training.run import Run
from zoo.training.weights import WeightsMetadata


class Classifier(Protocol):
    """Whatever answers for pictures: one of our networks, or an ONNX file in a runtime."""

    @property
    def name(self) -> str:
        """What its user knows it by."""

    @property
    def facts(self) -> WeightsMetadata | None:
        """What is known of its training; nothing, if somebody else made it."""

    @property
    def source(self) -> Source:
        """The data that it knows: what a picture must look like."""

    def logits(self, images: Values) -> Array:
        """Return the logits of pictures in rows."""


@dataclass(frozen=True)
class Model:
    """A network with its facts, and the name that its user knows it by."""

    name: str
    network: Network
    facts: WeightsMetadata

    @property
    def entry(self) -> Entry:
        """The entry as it was trained."""
        return self.facts.entry

    @property
    def source(self) -> Source:
        """The data that it knows: what a picture must look like."""
        return self.entry.data.source

    def logits(self, images: Values) -> Array:
        """Return the logits of pictures in rows."""
        with np.errstate(over="ignore", invalid="ignore"):  # what is no number is noticed
            found = self.network.logits(images)
        if not np.isfinite(found).all():
            raise CorruptFileError(f"{self.name} answers with numbers that are not finite.")
        return found


def load_shipped(entry: Entry) -> Model:
    """Return the model that lies in the package that the entry names."""
    if entry.weights is None:
        raise ConfigError(
            f"{entry.name} brings no weights.",
            hint="Train it with `zoo train`, and name the run that this makes.",
        )
    folder = folder_of(entry.weights.package)
    if folder is None:
        raise DataError(
            f"The weights of {entry.name} lie in {entry.weights.package}, which is not installed."
        )
    network, facts = weights.read(folder / entry.weights.file, sha256=entry.weights.sha256)
    return Model(entry.name, network, facts)


def load_run(run: Run) -> Model:
    """Return the model that a run has trained."""
    path = run.path / "weights.safetensors"
    if not path.exists():
        raise ConfigError(
            f"{run.name} has no weights yet: its training is not done.",
            hint=f"`zoo resume {run.path}` goes on with it.",
        )
    return Model(run.name, *weights.read(path))


def load_file(path: Path) -> Model:
    """Return the model in a .safetensors that zoo has written."""
    return Model(path.stem, *weights.read(path))
