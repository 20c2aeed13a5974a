"""Stored results of other libraries."""

import json
from dataclasses import asdict
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.helpers.entries import recipe
from zoo.analysis.baselines import BaselineResult, version
from zoo.analysis.baselines.jobs import BaselineJob, cached_baseline, train_baselines
from zoo.training.jobs import TrainingJob

CLAIM = {"value": 0.9, "split": "test", "tolerance": 0.1}
ENTRY = recipe({"claim": CLAIM, "data.split": {"test": 360}})
JOB = BaselineJob("sklearn", TrainingJob(ENTRY, "0" * 64), float)
RESULT = BaselineResult(
    peer="sklearn",
    version=version("sklearn"),
    entry=ENTRY.name,
    seed=ENTRY.train.seed,
    split="test",
    accuracy=0.95,
    loss=0.2,
    seconds=1.5,
    differs=("shuffles in its own order",),
)


def stored(runs: Path) -> Path:
    """Store the result, and return its file."""
    engine = Mock(run=lambda *_, **__: [(0, RESULT)])
    assert list(train_baselines([JOB], engine, runs=runs)) == [(0, RESULT)]
    [path] = (runs / "contrasts").iterdir()
    return path


def test_cached_baseline(tmp_path: Path) -> None:
    assert cached_baseline(JOB, tmp_path) is None
    stored(tmp_path)
    assert cached_baseline(JOB, tmp_path) == RESULT


@pytest.mark.parametrize(
    "change",
    [
        {"peer": "torch"},
        {"version": "0.1"},
        {"entry": "another"},
        {"seed": 7},
        {"split": "validation"},
        {"accuracy": 95},
        {"accuracy": "0.95"},
        {"loss": float("nan")},
        {"seconds": -1},
        {"more": 1},
    ],
    ids=str,
)
def test_cached_baseline_damaged(tmp_path: Path, change: dict[str, object]) -> None:
    """A result of something else, and one that no training has, is not used."""
    stored(tmp_path).write_text(json.dumps(asdict(RESULT) | change))
    assert cached_baseline(JOB, tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"[" * 6000, b"{}", b"\xff"])
def test_cached_baseline_unreadable(tmp_path: Path, content: bytes) -> None:
    stored(tmp_path).write_bytes(content)
    assert cached_baseline(JOB, tmp_path) is None
