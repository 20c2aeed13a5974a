"""Bundles on the other Pythons of this machine."""

from pathlib import Path

import pytest

from tests.helpers.bundles import pythons, run_ok
from zoo.export.probes import enlarged

DIGITS = enlarged().reshape(-1, 28, 28)


@pytest.mark.parametrize("python", pythons())
def test_it_runs_on_every_python_there_is(python: str, bundle: Path, bundle_images: Path) -> None:
    files = [
        bundle_images / "drawn.png",
        bundle_images / "small.bmp",
        bundle_images / "few-idx3-ubyte",
    ]
    for name in ("mnist-128", "digits-10"):
        some = files if name == "mnist-128" else files[:2]
        assert run_ok(bundle, *some, "-m", name, python=python) == run_ok(bundle, *some, "-m", name)
    assert "probabilities within" in run_ok(bundle, "--verify", python=python)
