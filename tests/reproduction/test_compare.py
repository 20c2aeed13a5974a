"""`zoo compare` with MNIST: every shipped model is as recorded, and all five are trained."""

import json
from pathlib import Path

import pytest

from tests.cli.test_compare import objects
from tests.helpers.builtin_entries import ENTRIES, READMES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.mnist import folder, needs_mnist


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@needs_mnist
def test_with_the_data_at_hand_every_model_is_checked_and_is_as_recorded() -> None:
    assert all(one["checked"] for one in objects(ZOO_DATA=folder()))
    said = zoo_ok("compare", ZOO_DATA=folder())
    assert said.count(" checked ") == len(ENTRIES)
    assert "on record" not in said


@needs_mnist
def test_all_five_are_trained_and_compared_on_every_core() -> None:
    finished = zoo("compare", "--train", "--seeds", "2", "--json", ZOO_DATA=folder())
    assert finished.exit_code == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert [one["entry"] for one in found] == ENTRIES
    assert [one["reproduced"]["n"] for one in found] == [2] * len(ENTRIES)
    trained = sorted(path.name for path in Path("runs").iterdir())
    assert trained == sorted(f"{name}-s{seed}-1" for name in READMES for seed in (0, 1))
    best = [name for name in ENTRIES if name not in READMES]
    assert f"stands as recorded: {', '.join(best)}." in finished.stderr
    recorded = {
        one["entry"]: one for one in objects("--seeds", 2, "--runs", "none", ZOO_DATA=folder())
    }
    for one in (one for one in found if one["entry"] in READMES):
        known = recorded[one["entry"]]["reproduced"]["mean"]
        assert one["reproduced"]["mean"] == pytest.approx(known, abs=0.005)
