"""Central differences and relative errors, by hand."""

import numpy as np
import pytest

from zoo.testing.gradients import central_differences, relative_error


def test_central_differences() -> None:
    """The gradient of x³ + 5y at (2, 7) is (12, 5), and the numbers are restored."""
    x = np.array([2.0, 7.0])
    gradient = central_differences(lambda: float(x[0] ** 3 + 5 * x[1]), x)
    np.testing.assert_allclose(gradient, [12, 5], rtol=1e-8)
    assert x.tolist() == [2, 7]


def test_relative_error() -> None:
    """|(3, 4)| is 5 and |(6, 8)| is 10: 5 / 5, 5 / 15, and 0 where both are 0."""
    assert relative_error(np.array([3.0, 4.0]), np.zeros(2)) == 1
    assert relative_error(np.array([3.0, 4.0]), np.array([6.0, 8.0])) == pytest.approx(1 / 3)
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
