"""Predictions of each built-in entry: bits in every batch size, probabilities in any order."""

import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.predictions import assert_order_changes_no_label, predictions


@pytest.mark.parametrize("name", ENTRIES)
def test_predict_bits_of_any_batch(name: str) -> None:
    """Predictions are bit-identical for every batch size."""
    expected = predictions(name, range(130), 256).tobytes()
    for batch in (1, 7, 100):
        assert predictions(name, range(130), batch).tobytes() == expected


@pytest.mark.parametrize("name", ENTRIES)
def test_predict_permuted_order(name: str) -> None:
    """In another order an image has the same label, and the same probabilities within 1e-5."""
    assert_order_changes_no_label(name, 130)
