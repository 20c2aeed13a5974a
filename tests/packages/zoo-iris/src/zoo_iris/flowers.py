"""The iris dataset of scikit-learn."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_iris

Rows = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


def iris() -> tuple[Rows, Labels]:
    """Return the length and width of sepals and petals in cm, and the number of the species."""
    dataset: Any = load_iris()
    return dataset.data, dataset.target
