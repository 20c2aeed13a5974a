"""`zoo verify` with a change in any byte."""

from pathlib import Path

import numpy as np

from tests.helpers.damage import assert_refused, flipped
from tests.helpers.models import shipped_model
from tests.helpers.paths import ROOT


def assert_flips_found(content: bytes, path: Path, *, step: int) -> None:
    """Flip a bit of each step-th byte, and assert that each change is found."""
    rng = np.random.default_rng(0)
    for place in range(0, len(content), step):
        path.write_bytes(flipped(content, place, int(rng.integers(8))))
        assert_refused(path)


def test_verify_bundle_bytes(tmp_path: Path) -> None:
    """A change of any byte of a bundle is found."""
    from zoo.bundle.pyz import write_pyz

    path = tmp_path / "digits-10.pyz"
    write_pyz([shipped_model("digits-10")], path)
    assert_flips_found(path.read_bytes(), tmp_path / "damaged.pyz", step=23)


def test_verify_onnx_bytes(tmp_path: Path) -> None:
    """A change in any byte of an ONNX file is found."""
    content = (ROOT / "models" / "digits-10.onnx").read_bytes()
    assert_flips_found(content, tmp_path / "damaged.onnx", step=1)
