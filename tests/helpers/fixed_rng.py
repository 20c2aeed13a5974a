"""A random generator with uniform numbers that a test chooses."""

import numpy as np


class FixedUniform(np.random.Generator):
    """Its uniform numbers are fixed in advance: -1 is the lower bound, 1 the upper one."""

    def __init__(self, *shares: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.shares = list(shares)

    def uniform(self, low: float = 0, high: float = 1, size: object = None) -> object:  # type: ignore[override]
        share = self.shares.pop(0)
        value = (low + high) / 2 + share * (high - low) / 2
        return np.full(int(size), value) if isinstance(size, int) else value
