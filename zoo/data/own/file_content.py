"""What the files of an entry contain: facts about them that it need not state, and their rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import LabeledRows

Integers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class FileContent:
    """The facts about the files by the keys of an entry, and their rows."""

    facts: dict[str, Any]
    train: LabeledRows
    test: LabeledRows | None = None
    groups: Integers | None = None  # of the rows to train on
    validation: npt.NDArray[np.bool_] | None = None  # the rows to train on that are for validation
