"""Trained models, loaded from an entry's package, from a run or from a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from zoo.config.dataset_info import Source
from zoo.config.datasets import Data
from zoo.config.entry import Entry
from zoo.config.own_data import FileData
from zoo.config.packages import folder_of
from zoo.data.dataset import Values
from zoo.errors import ConfigError, CorruptFileError, DataError
from zoo.nn.buffers import Array
from zoo.nn.network import Network
from zoo.system.commands import quote
from zoo.training import build, weights
from zoo.training.run import Run
from zoo.training.weights import WeightsMetadata


class Classifier(Protocol):
    """A model that predicts images: a network of zoo, or an ONNX file in a runtime."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def facts(self) -> WeightsMetadata | None:
        """The metadata of its training; None for a model that zoo did not train."""

    @property
    def source(self) -> Source:
        """The dataset that it was trained on, which defines the shape of an image."""

    def logits(self, images: Values) -> Array:
        """Return the logits (n, classes) of images (n, features)."""


@dataclass(frozen=True)
class Model:
    """A network with its name and the metadata of its training."""

    name: str
    network: Network
    facts: WeightsMetadata
    own_data: Data | None = None  # with the paths of the user's files on this machine

    @property
    def entry(self) -> Entry:
        """The entry as it was trained; it names files of the user's without their folders."""
        return self.facts.entry

    @property
    def data(self) -> Data:
        """The data that it was trained on."""
        return self.own_data or self.entry.data

    @property
    def source(self) -> Source:
        """The dataset that it was trained on, which defines the shape of an image."""
        return self.entry.data.source

    def logits(self, images: Values) -> Array:
        """Return the logits (n, classes) of images (n, features)."""
        with np.errstate(over="ignore", invalid="ignore"):  # the result is checked below
            logits = self.network.logits(images)
        if not np.isfinite(logits).all():
            raise CorruptFileError(f"{self.name} returns NaN or infinite logits.")
        return logits

    def network_in_float64(self) -> Network:
        """Return a copy of the network in float64."""
        network = build.build_network(self.entry, np.random.default_rng(0), dtype=np.float64)
        np.copyto(network.parameters, self.network.parameters)
        np.copyto(network.statistics, self.network.statistics)
        return network


def load_shipped(entry: Entry, given: str = "") -> Model:
    """Return the model in the entry's package; `given` is how the user named the entry."""
    if entry.weights is None:
        raise ConfigError(
            f"{entry.name} has no trained weights.",
            hint=f"Train it, `zoo train {quote(given or entry.name)}`, and name the run.",
        )
    folder = folder_of(entry.weights.package)
    if folder is None:
        raise DataError(
            f"The weights of {entry.name} are in {entry.weights.package}, which is not installed."
        )
    network, facts = weights.read(folder / entry.weights.file, sha256=entry.weights.sha256)
    return Model(entry.name, network, facts)


def load_run(run: Run) -> Model:
    """Return the model of a run."""
    path = run.path / "weights.safetensors"
    if not path.exists():
        if run.metadata["status"] == "diverged":
            raise ConfigError(
                f"{run.name} has no weights: its training diverged.",
                hint="Train it again with a smaller learning rate: `zoo train ... --rate`.",
            )
        raise ConfigError(
            f"{run.name} has no weights yet: its training is not done.",
            hint=f"Resume it: `zoo resume {run.path}`.",
        )
    network, facts = weights.read(path)
    own_data = run.entry.data if isinstance(facts.entry.data, FileData) else None
    return Model(run.name, network, facts, own_data)


def load_file(path: Path) -> Model:
    """Return the model in a .safetensors file of zoo."""
    return Model(path.stem, *weights.read(path))
