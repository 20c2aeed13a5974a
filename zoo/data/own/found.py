"""What the files of an entry contain: facts about them that it need not state, and their rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Values

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Rows:
    """The rows of a file or folder, (n, features), and the numbers of their classes."""

    values: Values
    labels: Numbers


@dataclass(frozen=True)
class Found:
    """The facts about the files by the keys of an entry, and their rows."""

    facts: dict[str, Any]
    train: Rows
    test: Rows | None = None
    groups: Numbers | None = None  # of the rows to train on
    validation: npt.NDArray[np.bool_] | None = None  # the rows to train on that are for validation
