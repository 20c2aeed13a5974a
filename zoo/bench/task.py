"""The input of every peer: a folder with the same rows, weights and order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

ARRAYS = ("images", "labels", "test_images", "test_labels", "order")


@dataclass(frozen=True)
class BenchTask:
    """The rows, the initial weights by name, and the order of the rows in each epoch."""

    facts: Mapping[str, Any]  # workload, hidden, batch, steps, rate, divide, optimizer, ...
    images: Array  # (n, features) uint8
    labels: Array
    test_images: Array
    test_labels: Array
    order: Array  # (epochs, rows); empty for full batches, whose order never changes
    weights: Mapping[str, Array]

    @property
    def inputs(self) -> npt.NDArray[np.float32]:
        """The scaled training rows, (n, features) float32."""
        return self.images.astype(np.float32) / np.float32(self.facts["divide"])

    @property
    def test_inputs(self) -> npt.NDArray[np.float32]:
        """The scaled test rows, (n, features) float32."""
        return self.test_images.astype(np.float32) / np.float32(self.facts["divide"])

    @property
    def layers(self) -> list[tuple[Array, Array]]:
        """Weights (units, inputs) and biases of each dense layer."""
        count = len(self.facts["hidden"]) + 1
        return [(self.weights[f"W{n}"], self.weights[f"b{n}"]) for n in range(1, count + 1)]

    def write(self, folder: Path) -> None:
        """Write the task to a folder."""
        (folder / "task.json").write_text(json.dumps(dict(self.facts)), encoding="utf-8")
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        np.savez(folder / "weights.npz", allow_pickle=False, **dict(self.weights))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the task from a folder."""
        facts = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            weights = {name: file[name] for name in file.files}
        arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in ARRAYS}
        return cls(facts=facts, weights=weights, **arrays)
