"""The irises, from inside scikit-learn."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_iris

Rows = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


def iris() -> tuple[Rows, Labels]:
    """Return the length and width of sepals and petals in cm, and the number of the species."""
    found: Any = load_iris()
    return found.data, found.target
