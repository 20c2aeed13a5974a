"""`zoo verify` finds a change in any byte."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_verify import ONNX
from tests.helpers.damage import assert_refused, flipped


def test_bytes_all_over_a_bundle_count(pyz: Path, tmp_path: Path) -> None:
    content, damaged = pyz.read_bytes(), tmp_path / "damaged.pyz"
    rng = np.random.default_rng(1)
    for place in range(0, len(content), 23):  # of one digest over them all
        damaged.write_bytes(flipped(content, place, int(rng.integers(8))))
        assert_refused(damaged)


@pytest.mark.parametrize("step", [17, 1])
def test_a_byte_that_changes_in_an_onnx_is_found(step: int, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    rng = np.random.default_rng(0)
    for place in range(0, len(ONNX), step):
        damaged.write_bytes(flipped(ONNX, place, int(rng.integers(8))))
        assert_refused(damaged)
