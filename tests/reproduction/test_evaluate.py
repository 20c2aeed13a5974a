"""`zoo evaluate` of a run on MNIST."""

import json
from pathlib import Path

from tests.helpers.command import zoo_ok
from tests.helpers.mnist import folder, needs_mnist


@needs_mnist
def test_evaluate_run_on_mnist(tmp_path: Path) -> None:
    """A run knows where its data was, and every split is as recorded."""
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
    assert "claim     82.7% on validation: evaluate it with `--split validation`" in lines[5]
