"""Run folders: their numbers, files and damage."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.unix import unix_only
from zoo.config.catalog import read_catalog
from zoo.config.entry import Entry
from zoo.errors import ConfigError, CorruptFileError, ZooError
from zoo.training import checkpoint
from zoo.training.run import MAX_ENTRY_BYTES, MetricsRow, Run
from zoo.training.runs import all_runs, create_run, find_run

READERS: dict[str, Callable[[Run], object]] = {
    "entry.toml": lambda run: run.entry,
    "run.json": lambda run: run.metadata,
    "metrics.csv": Run.rows,
    "checkpoint.safetensors": Run.checkpoint,
}
METADATA = {
    "entry": "digits-10",
    "seed": 3,
    "started": "2026-01-01T00:00:00+00:00",
    "status": "done",
    "process": 1,
    "versions": {"zoo": "0.1.0", "python": "3.11.2", "numpy": "2.3.5"},
    "changes": {},
    "data": {"digest": "0" * 64, "source": "a test", "given": None},
    "split": "test",
    "accuracy": 0.5,
    "seconds": 1.5,
    "scores": {"test": {"n": 4, "accuracy": 0.5, "loss": 0.7}},
    "fingerprint": "0" * 12,
}


@cache
def entry() -> Entry:
    return read_catalog().find("digits-10").entry


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = create_run(tmp_path / "runs", entry(), seed=3)
    run.write_entry(entry())
    run.write_metadata(METADATA)
    return run


def test_create_run_numbers(tmp_path: Path) -> None:
    """A new run has the next number."""
    names = [create_run(tmp_path, entry(), seed=3).name for _ in range(3)]
    assert names == ["digits-10-s3-1", "digits-10-s3-2", "digits-10-s3-3"]
    (tmp_path / names[0]).rmdir()
    assert create_run(tmp_path, entry(), seed=3).name == "digits-10-s3-4"
    assert create_run(tmp_path, entry(), seed=4).name == "digits-10-s4-1"


def test_create_run_after_the_greatest_number(tmp_path: Path) -> None:
    """A run whose number is too long would be in no list, so it is not made."""
    (tmp_path / "digits-10-s0-999999999").mkdir()
    with pytest.raises(ConfigError, match="digits-10-s0-999999999 has the greatest number"):
        create_run(tmp_path, entry(), seed=0)
    assert len(list(tmp_path.iterdir())) == 1


def test_create_run_in_a_file(tmp_path: Path) -> None:
    """A folder that cannot contain runs is an error with one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ZooError, match=r"Cannot create a run in .*file: .*"):
        create_run(tmp_path / "file", entry(), seed=0)


def test_entry_round_trip(run: Run) -> None:
    assert run.entry == entry().without_results


def test_rows_round_trip(run: Run) -> None:
    """Rows are read bit for bit, and their header names the unit and the split."""
    rows = [
        MetricsRow(0, 0, 0.1, 2.3025851249694824, 0.1, 1 / 3, 0.2, 0.0),
        MetricsRow(50, 50, 1e-9, 0.1, 2 / 3, None, None, 12.5),
    ]
    run.write_rows(rows, unit="iteration", held_out="test")
    assert run.rows() == rows
    header = (run.path / "metrics.csv").read_text().splitlines()[0]
    assert header == (
        "iteration,step,rate,train_loss,train_accuracy,test_loss,test_accuracy,seconds"
    )


def test_checkpoint_round_trip(run: Run) -> None:
    arrays = {"parameters": np.arange(5, dtype=np.float32), "right": np.array([True, False])}
    assert run.checkpoint() is None
    run.write_checkpoint(arrays, '{"step": 7}', seconds=0.1)
    checkpoint = run.checkpoint()
    assert checkpoint is not None
    assert {name: array.tolist() for name, array in checkpoint[0].items()} == {
        "parameters": [0, 1, 2, 3, 4],
        "right": [True, False],
    }
    assert checkpoint[1:] == ('{"step": 7}', 0.1)


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x10\0\0\0\0\0\0\0{}"])
def test_checkpoint_damaged(run: Run, content: bytes) -> None:
    (run.path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"checkpoint\.safetensors is damaged"):
        run.checkpoint()


def test_checkpoint_truncated(run: Run) -> None:
    """Every truncation is detected."""
    run.write_checkpoint({"parameters": np.arange(9, dtype=np.float32)}, "{}", seconds=1)
    path = run.path / "checkpoint.safetensors"
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(CorruptFileError):
            run.checkpoint()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        "[" * 100_000,
        '{"format": 1}',
        json.dumps({"format": 2, **METADATA}),
        json.dumps({"format": 1, **METADATA, "process": "one"}),
        json.dumps({"format": 1, **METADATA, "accuracy": "0.5"}),
        json.dumps({"format": 1, **METADATA, "split": None}),
        json.dumps({"format": 1, **METADATA, "scores": {"test": 0.5}}),
        json.dumps({"format": 1, **METADATA, "scores": None}),
        json.dumps({"format": 1, **METADATA, "fingerprint": None}),
        json.dumps({"format": 1, **METADATA, "split": "validation"}),
        json.dumps({"format": 1, **METADATA, "versions": {"zoo": "1", "python": "3"}}),
        json.dumps({"format": 1, **METADATA, "seconds": float("nan")}),
        json.dumps({"format": 1, **METADATA}).replace('"seed": 3', '"seed": 3, "x": 1e999'),
    ],
    ids=lambda text: text[:12],
)
def test_metadata_damaged(run: Run, text: str) -> None:
    (run.path / "run.json").write_text(text)
    with pytest.raises(CorruptFileError, match=r"run\.json is not a valid run record: "):
        _ = run.metadata


def test_entry_damaged(run: Run) -> None:
    (run.path / "entry.toml").write_text("name = 3")
    with pytest.raises(CorruptFileError, match=r"entry\.toml has"):
        _ = run.entry


def test_entry_too_large(run: Run) -> None:
    """The entry of a run has fewer bytes than its metrics may have."""
    (run.path / "entry.toml").write_text("#" * (MAX_ENTRY_BYTES + 1))
    with pytest.raises(
        CorruptFileError, match=r"entry\.toml could not be read: Larger than 1,000,000 bytes"
    ):
        _ = run.entry


@unix_only
@pytest.mark.parametrize("name", READERS)
def test_run_with_a_pipe(run: Run, name: str) -> None:
    """A pipe in the place of a file is refused; nothing waits for it."""
    (run.path / name).unlink(missing_ok=True)
    os.mkfifo(run.path / name)
    with pytest.raises(CorruptFileError, match="Not a regular file"):
        READERS[name](run)


def test_checkpoint_that_may_not_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not called damaged: the next command with the permission continues."""

    def refused(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr("zoo.training.checkpoint.open_regular", refused)
    path = run.path / "checkpoint.safetensors"
    with pytest.raises(CorruptFileError) as caught:
        checkpoint.read(path, 1_000)
    assert str(caught.value) == f"{path} could not be read: Permission denied."
    assert caught.value.hint.startswith("Check the permissions of ")


@pytest.mark.parametrize("name", ["entry.toml", "run.json"])
def test_run_without_a_file(run: Run, name: str) -> None:
    """A missing file is called missing, not damaged."""
    (run.path / name).unlink(missing_ok=True)
    with pytest.raises(CorruptFileError, match=rf"{name} does not exist\."):
        READERS[name](run)


def test_checkpoint_flipped_bytes(run: Run) -> None:
    """Every flipped byte is detected."""
    run.write_checkpoint({"parameters": np.arange(9, dtype=np.float32)}, '{"step": 1}', seconds=1)
    path = run.path / "checkpoint.safetensors"
    content = path.read_bytes()
    for index in range(len(content)):
        path.write_bytes(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])
        with pytest.raises(CorruptFileError):
            run.checkpoint()


def test_rows_damaged(run: Run) -> None:
    row = "iteration,step\n50,50,0.1,0.1,0.5,,,1.5\n"
    (run.path / "metrics.csv").write_text(row)
    assert len(run.rows()) == 1
    hostile = (
        ("0.1,0.5", "inf,0.5"),
        ("1.5", "nan"),
        ("50,50", "50,-1"),
        ("50,50", f"50,{10**15}"),
    )
    damaged = [row.replace(old, new) for old, new in hostile]
    for text in ("", "iteration,step\nx,y\n", "iteration,step\n1,2\n", *damaged):
        (run.path / "metrics.csv").write_text(text)
        with pytest.raises(CorruptFileError, match=r"metrics\.csv is damaged"):
            run.rows()


def test_find_run(run: Run) -> None:
    """A run is found by name and by path; other names are errors."""
    runs = run.path.parent
    assert find_run(runs, run.name).path == run.path
    assert find_run(Path("elsewhere"), str(run.path)).path == run.path
    for name in ("digits-10-s3-9", "..", "../runs", "", "x" * 300, ".", "/"):
        with pytest.raises(ConfigError, match="There is no run named"):
            find_run(runs, name)


def test_find_run_by_the_start_of_its_name(run: Run) -> None:
    """The hint names the run that the user meant."""
    with pytest.raises(ConfigError) as caught:
        find_run(run.path.parent, "digits-10")
    assert caught.value.hint == f"Did you mean {run.name}?"


def test_find_run_of_another_program(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "run.json").write_text("{}")
    with pytest.raises(ConfigError, match="There is no run named"):
        find_run(tmp_path, str(tmp_path / "project"))


def test_all_runs(run: Run) -> None:
    """Only runs are listed."""
    runs = run.path.parent
    (runs / "a folder").mkdir()
    (runs / "digits-10-s0-1").mkdir()  # created, and killed before its record was written
    (runs / "file").write_text("")
    assert [listed.name for listed in all_runs(runs)] == [run.name]
    assert list(all_runs(runs / "none")) == []


def test_lock_deleted_run(run: Run) -> None:
    """The folder of a run that another command deleted does not come back, empty."""
    shutil.rmtree(run.path)
    with pytest.raises(ConfigError, match=rf"^{run.name} was deleted by another command\.$"):
        run.lock()
    assert not run.path.exists()


def test_status_interrupted(run: Run) -> None:
    """A run with status running is interrupted if no process has its lock."""
    metadata = run.metadata | {"status": "running"}
    assert run.status(metadata) == "interrupted"
    other = Run(run.path)
    other.lock()
    assert run.status(metadata) == "running"
    with pytest.raises(ConfigError, match="digits-10-s3-1 is being trained by process 1"):
        run.lock()
    other.unlock()
    run.lock()


def test_write_metadata_nan(run: Run) -> None:
    """run.json has no NaN, and a failed write leaves the old file."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.write_metadata({"loss": float("nan")})
    assert json.loads((run.path / "run.json").read_text())["status"] == "done"


def test_remove_temporary_files(run: Run) -> None:
    """Temporary files are removed, also among the weights after every epoch."""
    run.enable_epoch_weights()
    temporary = [run.path / ".run.json.0.tmp", run.path / "weights" / ".3.safetensors.0.tmp"]
    weights = run.path / "weights" / "2.safetensors"
    for path in (*temporary, weights):
        path.touch()
    run.remove_temporary_files()
    assert not any(path.exists() for path in temporary)
    assert run.intermediate_weights() == [(2, weights)]


def test_run_status_writes_nothing(run: Run) -> None:
    """A copied run may not have its lock file; to look at it does not create one."""
    (run.path / ".lock").unlink(missing_ok=True)
    before = sorted(run.path.iterdir())
    assert run.status({"status": "running"}) == "interrupted"
    assert sorted(run.path.iterdir()) == before
