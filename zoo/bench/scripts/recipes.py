"""The recipes of the five originals and the loading of their files, for the scripts."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Recipe:
    """The training of an original's network."""

    data: str
    hidden: int
    rate: float
    spread: float  # the standard deviation of the initial weights, or their limit if uniform
    uniform: bool = False
    batch: int | None = None  # None: all rows
    passes: int = 1
    train: int | None = None  # training rows; None: all that are not held out
    held_out: int | None = None  # rows; None: the test files are used
    halves: int | None = None  # passes after which the rate is halved


RECIPES = {
    "digits-10": Recipe("digits", 10, 0.1, 0.01, passes=2000, held_out=360),
    "kaggle-10": Recipe("kaggle", 10, 0.5, 0.5, uniform=True, passes=500, held_out=1000),
    "mnist-10-decay": Recipe("mnist", 10, 0.1, 0.01, passes=400, train=10_000, halves=100),
    "mnist-10-sgd": Recipe("mnist", 10, 0.01, 0.01, batch=64, passes=10),
    "mnist-128": Recipe(
        "mnist", 128, 0.01, 0.5, uniform=True, batch=128, passes=3, held_out=12_000
    ),
}


def load(recipe: Recipe, folder: Path) -> tuple[Array, Array, Array, Array]:
    """Return the inputs and labels of the training and of the test rows."""
    if recipe.data == "digits":
        from sklearn.datasets import load_digits

        x, y = load_digits(return_X_y=True)
        x = x.astype(np.float32) / 16
    elif recipe.data == "kaggle":
        import pandas as pd

        table = pd.read_csv(folder / "train.csv", dtype=np.uint8).to_numpy()
        x, y = table[:, 1:] / np.float32(255), table[:, 0]
    else:
        x, y = (
            images(folder / "train-images-idx3-ubyte"),
            labels(folder / "train-labels-idx1-ubyte"),
        )
    y = y.astype(np.int64)
    order = np.random.default_rng(0).permutation(len(x))
    if recipe.held_out:
        held_out, order = order[: recipe.held_out], order[recipe.held_out :]
        return x[order], y[order], x[held_out], y[held_out]
    test_x = images(folder / "t10k-images-idx3-ubyte")
    test_y = labels(folder / "t10k-labels-idx1-ubyte").astype(np.int64)
    if recipe.train:
        order = order[: recipe.train]
        x, y = x[order], y[order]
    return x, y, test_x, test_y


def images(path: Path) -> Array:
    """Return images as rows of numbers from 0 to 1, (n, 784) float32."""
    return np.frombuffer(content(path), np.uint8, offset=16).reshape(-1, 784) / np.float32(255)


def labels(path: Path) -> Array:
    """Return the labels, (n,) uint8."""
    return np.frombuffer(content(path), np.uint8, offset=8)


def content(path: Path) -> bytes:
    """Return the content of a file, or of its .gz file."""
    if path.exists():
        return path.read_bytes()
    with gzip.open(f"{path}.gz") as file:
        return file.read()
