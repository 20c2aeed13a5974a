"""`zoo compare` with MNIST: every shipped model is checked, and all five entries are trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.builtin_entries import ENTRIES, READMES
from tests.helpers.command import zoo_ok
from tests.helpers.mnist import folder, needs_mnist


@needs_mnist
def test_compare_checks_every_model(tmp_path: Path) -> None:
    """With the data present, every model is checked and has its recorded accuracy."""
    said = zoo_ok("compare", cwd=tmp_path, ZOO_DATA=folder())
    assert said.count(" checked ") == len(ENTRIES)
    assert "on record" not in said


@needs_mnist
def test_compare_trains_all_five(
    compared: Path, record_of: Callable[[str], dict[str, Any]]
) -> None:
    """All five entries are trained on every core, and reach the recorded accuracy of the seed."""
    found = json.loads((compared / "found.json").read_text())
    assert [one["entry"] for one in found] == ENTRIES
    assert [one["reproduced"]["n"] for one in found] == [1] * len(ENTRIES)
    trained = sorted(path.parent.name for path in (compared / "runs").rglob("run.json"))
    assert trained == sorted(f"{name}-s0-1" for name in READMES)
    best = [name for name in ENTRIES if name not in READMES]
    assert (
        f"their recorded results are shown: {', '.join(best)}." in (compared / "said").read_text()
    )
    options = ("--json", "--seeds", 1, "--runs", "none")
    recorded = json.loads(zoo_ok("compare", *options, cwd=compared, ZOO_DATA=folder()))
    known = {one["entry"]: one["reproduced"]["mean"] for one in recorded}
    for one in found:
        if one["entry"] in READMES:
            mean = one["reproduced"]["mean"]
            assert mean == record_of(one["entry"])["accuracy"]
            assert mean == pytest.approx(known[one["entry"]], abs=0.005)
