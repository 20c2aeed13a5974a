"""`zoo evaluate` of a run on MNIST."""

import json
from pathlib import Path

import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.mnist import folder, needs_mnist

QUICK = ("--set", "train.iterations=200", "--set", "data.split.validation=200", "--quiet")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds `runs` with one run in it, of a changed digits-10."""
    home = tmp_path_factory.mktemp("home")
    zoo_ok("train", "digits-10", *QUICK, cwd=home, ZOO_RUNS=None)
    return home


@pytest.fixture(autouse=True)
def _beside_the_run(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)


@needs_mnist
def test_a_run_on_mnist_knows_where_its_data_was_and_every_split_is_as_recorded(
    tmp_path: Path,
) -> None:
    zoo_ok(
        "train", "mnist-128", "--epochs", 1, "--quiet", "--data", folder(), "--offline",
        cwd=tmp_path,
    )  # fmt: skip
    scores = json.loads((tmp_path / "runs/mnist-128-s0-1/run.json").read_text())["scores"]
    for split, score in scores.items():
        said = json.loads(
            zoo_ok(
                "evaluate", "mnist-128-s0-1", "--split", split, "--json", "--offline",
                cwd=tmp_path,
            )
        )  # fmt: skip
        assert {key: said[key] for key in ("n", "accuracy", "loss")} == score
    lines = zoo_ok("evaluate", "mnist-128-s0-1", "--offline", cwd=tmp_path).splitlines()
    assert "README    82.7% on validation: `--split validation` judges it" in lines[5]
