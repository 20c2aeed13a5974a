"""Checkpoints whose digest is right and whose content is crafted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.errors import CorruptFileError
from zoo.training.loop import Arrays
from zoo.training.recorder import RunRecorder, start
from zoo.training.run import Run
from zoo.training.runs import last_run

Craft = Callable[[Arrays, dict[str, Any]], object]

CRAFTED: dict[str, Craft] = {
    "array missing": lambda arrays, _: arrays.pop("statistics"),
    "array unknown": lambda arrays, _: arrays.update(more=np.zeros(1)),
    "shape": lambda arrays, _: arrays.update(parameters=arrays["parameters"][:1]),
    "type": lambda arrays, _: arrays.update(parameters=arrays["parameters"].astype(np.float64)),
    "loss NaN": lambda arrays, _: arrays["losses"].fill(np.nan),
    "step missing": lambda _, rest: rest.pop("step"),
    "step negative": lambda _, rest: rest.update(step=-1),
    "step a fraction": lambda _, rest: rest.update(step=1.5),
    "step a word": lambda _, rest: rest.update(step="1"),
    "step huge": lambda _, rest: rest.update(step=10**400),
    "rest unknown": lambda _, rest: rest.update(more=1),
    "no generators": lambda _, rest: rest.update(generators={}),
    "generators a list": lambda _, rest: rest.update(generators=[]),
    "generator empty": lambda _, rest: rest["generators"].update(order={}),
    "generator unknown": lambda _, rest: rest["generators"]["order"].update(bit_generator="X"),
    "generator negative": lambda _, rest: rest["generators"]["order"]["state"].update(state=-1),
    "generator another": lambda _, rest: rest["generators"]["order"].update(
        bit_generator="MT19937"
    ),
    "generator a word": lambda _, rest: rest["generators"]["order"].update(uinteger=2**32),
    "generator a flag": lambda _, rest: rest["generators"]["order"].update(has_uint32=2),
    "before unknown": lambda _, rest: rest["before"].update(more={}),
    "best missing": lambda _, rest: rest.update(best=None),
    "best NaN": lambda _, rest: rest.update(best=[float("nan"), 0]),
    "best negative": lambda _, rest: rest.update(best=[0.5, -3]),
    "best a word": lambda _, rest: rest.update(best="ab"),
}


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> RunRecorder:
    """Return a training that stopped in an epoch."""
    entry = recipe({"train.patience": 9, "data.split.validation": 99})
    recorder = start(entry, digits(), runs=tmp_path_factory.mktemp("runs"), clock=lambda: 0.0)
    for _ in zip(range(recorder.training.batches.steps_per_epoch + 3), recorder, strict=False):
        pass
    return recorder


@pytest.mark.parametrize("craft", CRAFTED.values(), ids=CRAFTED)
def test_checkpoint_crafted(recorder: RunRecorder, craft: Craft) -> None:
    """The file has the right digest, as anybody can compute it."""
    arrays, rest = recorder.training.state()
    arrays, crafted = {name: array.copy() for name, array in arrays.items()}, json.loads(rest)
    craft(arrays, crafted)
    recorder.run.write_checkpoint(arrays, json.dumps(crafted), seconds=1)
    with pytest.raises(CorruptFileError, match=r"^The checkpoint of \S+ does not match its entry"):
        RunRecorder(recorder.run, {}, recorder.prepared, clock=lambda: 0.0)


@pytest.mark.parametrize("rest", ["", "[]", "{", "[" * 9999, '{"step": ' + "9" * 9999 + "}"])
def test_checkpoint_not_a_state(recorder: RunRecorder, rest: str) -> None:
    arrays, _ = recorder.training.state()
    recorder.run.write_checkpoint(arrays, rest, seconds=1)
    with pytest.raises(CorruptFileError, match=r"^The checkpoint of \S+ does not match its entry"):
        RunRecorder(recorder.run, {}, recorder.prepared, clock=lambda: 0.0)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_checkpoint_seconds(recorder: RunRecorder, seconds: float) -> None:
    arrays, rest = recorder.training.state()
    recorder.run.write_checkpoint(arrays, rest, seconds=seconds)
    with pytest.raises(CorruptFileError, match="is damaged"):
        recorder.run.checkpoint()


def test_checkpoint_size(recorder: RunRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is larger than the state of the training is refused before it is read."""
    arrays, rest = recorder.training.state()
    recorder.run.write_checkpoint(arrays | {"more": np.zeros(50_000)}, rest, seconds=1)
    monkeypatch.setattr("safetensors.safe_open", None)
    with pytest.raises(CorruptFileError, match=r"has 4\d\d,\d{3} bytes; at most 1\d\d,\d{3} are"):
        RunRecorder(recorder.run, {}, recorder.prepared, clock=lambda: 0.0)


@pytest.mark.parametrize("number", ["inf", "nan", "-inf", "1e999"])
def test_metrics_infinite(tmp_path: Path, number: str) -> None:
    """JSON does not have such numbers, and a chart could not show them."""
    (tmp_path / "metrics.csv").write_text(f"epoch,step\n1,9,0.1,{number},0.5,,,1\n")
    with pytest.raises(CorruptFileError, match=r"metrics\.csv is damaged"):
        Run(tmp_path).rows()


def test_last_run_deleted_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that disappears after it was listed is not the last one."""
    for name in ("a-s0-1", "b-s0-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    monkeypatch.setattr("os.access", lambda path, _: "b-s0-1" not in str(path) or _deleted(path))
    assert last_run(tmp_path).name == "a-s0-1"


def _deleted(path: Path) -> bool:
    path.unlink()
    return True
