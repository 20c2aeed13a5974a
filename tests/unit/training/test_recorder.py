"""Recorders of trainings that diverge."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.formatting import percent
from zoo.training.loop import DivergedError
from zoo.training.model import load_run
from zoo.training.recorder import RunRecorder, start


def train_until(epoch: int, recorder: RunRecorder) -> float:
    """Train for this many epochs, and return the held-out accuracy."""
    row = next(row for row in recorder if row and row.number == epoch)
    return row.held_out_accuracy or 0.0


def test_recorder_diverged_with_patience(tmp_path: Path) -> None:
    """The best weights before a divergence are saved, with their scores."""
    entry = recipe({"train.patience": 9, "data.split.validation": 99})
    recorder = start(entry, digits(), runs=tmp_path, clock=lambda: 0.0)
    best = train_until(2, recorder)
    recorder.training.plan = replace(recorder.training.plan, schedule=lambda _: 1e38)
    with pytest.raises(DivergedError) as caught:
        list(recorder)
    record = recorder.run.metadata
    assert record["status"] == "diverged"
    assert record["scores"]["validation"]["accuracy"] == record["accuracy"] == best
    assert load_run(recorder.run).facts.fingerprint == record["fingerprint"]
    assert caught.value.hint
    assert caught.value.hint.startswith(f"The best weights so far have {percent(best)} on valid")
    assert f"`zoo evaluate {recorder.run.path}`" in caught.value.hint


def test_recorder_diverged_at_once(tmp_path: Path) -> None:
    """Without a report there are no best weights."""
    entry = recipe({"train.patience": 9, "data.split.validation": 99, "train.rate": 1e38})
    recorder = start(entry, digits(), runs=tmp_path, clock=lambda: 0.0)
    with pytest.raises(DivergedError):
        list(recorder)
    assert recorder.run.metadata["status"] == "diverged"
    assert not (recorder.run.path / "weights.safetensors").exists()
