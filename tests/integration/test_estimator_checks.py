"""scikit-learn's checks of an estimator, with recipes of images and of other optimizers."""

from typing import Any

import pytest

import zoo
from tests.helpers.estimator_checks import failures


@pytest.mark.parametrize(
    "options",
    [
        {"entry": "mnist-128", "epochs": 60, "rate": 0.3, "batch": 16},
        {"entry": "digits-10-best", "optimizer": "adam", "epochs": 40},
    ],
    ids=lambda options: options["entry"],
)
def test_estimator_checks(options: dict[str, Any]) -> None:
    """scikit-learn's checks pass with any recipe."""
    assert failures(zoo.ZooClassifier(**options)) == {}
