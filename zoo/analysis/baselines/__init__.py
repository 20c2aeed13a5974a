"""The same entry trained by scikit-learn or PyTorch, for comparison."""

from zoo.analysis.baselines.common import (
    BASELINES,
    is_not_installed,
    train_baseline,
    unsupported_reason,
    version,
)
from zoo.analysis.baselines.result import BaselineResult

__all__ = [
    "BASELINES",
    "BaselineResult",
    "is_not_installed",
    "train_baseline",
    "unsupported_reason",
    "version",
]
