"""Predictions of a built-in entry for images of noise."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tests.helpers.models import shipped_model
from zoo.inference.inputs import Input
from zoo.inference.predict import Prediction, predict


def predictions(name: str, order: Sequence[int], batch: int = 64) -> npt.NDArray[np.float32]:
    """Predict noise images in this order; row n of the probabilities belongs to image n."""
    model = shipped_model(name)
    source, count = model.source, len(order)
    rng = np.random.default_rng(3)
    images = rng.integers(0, source.highest + 1, (count, math.prod(source.shape)), np.uint8)
    inputs = [Input("one.npy", place, images[place], "") for place in order]
    found = np.full((count, source.classes), np.nan, np.float32)
    for one in predict(model, inputs, batch=batch):
        assert isinstance(one, Prediction)
        found[one.input.index] = one.probabilities
    assert np.isfinite(found).all()
    return found


def assert_order_changes_no_label(name: str, count: int) -> None:
    """Check that reversed images get the same labels, and probabilities within 1e-5."""
    expected = predictions(name, range(count))
    found = predictions(name, range(count - 1, -1, -1))
    assert np.array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
