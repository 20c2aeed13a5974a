"""Run folders: their numbers, files and damage."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from zoo.config.catalog import read_catalog
from zoo.config.entry import Entry
from zoo.errors import ConfigError, CorruptFileError, ZooError
from zoo.training.run import MetricsRow, Run
from zoo.training.runs import all_runs, create_run, find_run

FACTS = {
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
    run.write_metadata(FACTS)
    return run


def test_create_numbers(tmp_path: Path) -> None:
    """Runs are numbered behind those that are there."""
    names = [create_run(tmp_path, entry(), seed=3).name for _ in range(3)]
    assert names == ["digits-10-s3-1", "digits-10-s3-2", "digits-10-s3-3"]
    (tmp_path / names[0]).rmdir()
    assert create_run(tmp_path, entry(), seed=3).name == "digits-10-s3-4"
    assert create_run(tmp_path, entry(), seed=4).name == "digits-10-s4-1"


def test_create_below_a_file(tmp_path: Path) -> None:
    """A folder that cannot hold runs is one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ZooError, match=r"file cannot hold runs: .*"):
        create_run(tmp_path / "file", entry(), seed=0)


def test_entry_round_trip(run: Run) -> None:
    assert run.entry == entry().without_results


def test_rows_round_trip(run: Run) -> None:
    """Rows come back bit for bit, and their header names the unit and the split."""
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
    found = run.checkpoint()
    assert found is not None
    assert {name: array.tolist() for name, array in found[0].items()} == {
        "parameters": [0, 1, 2, 3, 4],
        "right": [True, False],
    }
    assert found[1:] == ('{"step": 7}', 0.1)


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x10\0\0\0\0\0\0\0{}"])
def test_checkpoint_damaged(run: Run, content: bytes) -> None:
    (run.path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"checkpoint\.safetensors is damaged"):
        run.checkpoint()


def test_checkpoint_truncated(run: Run) -> None:
    """Every truncation is noticed."""
    run.write_checkpoint({"parameters": np.arange(9, dtype=np.float32)}, "{}", seconds=1)
    path = run.path / "checkpoint.safetensors"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
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
        json.dumps({"format": 2, **FACTS}),
        json.dumps({"format": 1, **FACTS, "process": "one"}),
        json.dumps({"format": 1, **FACTS, "accuracy": "0.5"}),
        json.dumps({"format": 1, **FACTS, "split": None}),
        json.dumps({"format": 1, **FACTS, "scores": {"test": 0.5}}),
        json.dumps({"format": 1, **FACTS, "scores": None}),
        json.dumps({"format": 1, **FACTS, "fingerprint": None}),
        json.dumps({"format": 1, **FACTS, "split": "validation"}),
        json.dumps({"format": 1, **FACTS, "versions": {"zoo": "1", "python": "3"}}),
        json.dumps({"format": 1, **FACTS, "seconds": float("nan")}),
        json.dumps({"format": 1, **FACTS}).replace('"seed": 3', '"seed": 3, "x": 1e999'),
    ],
    ids=lambda text: text[:12],
)
def test_facts_damaged(run: Run, text: str) -> None:
    (run.path / "run.json").write_text(text)
    with pytest.raises(CorruptFileError, match=r"run\.json is no record of a run: "):
        _ = run.metadata


def test_entry_damaged(run: Run) -> None:
    (run.path / "entry.toml").write_text("name = 3")
    with pytest.raises(CorruptFileError, match=r"entry\.toml has"):
        _ = run.entry


def test_checkpoint_flipped_bytes(run: Run) -> None:
    """Every flipped byte is noticed."""
    run.write_checkpoint({"parameters": np.arange(9, dtype=np.float32)}, '{"step": 1}', seconds=1)
    path = run.path / "checkpoint.safetensors"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(CorruptFileError):
            run.checkpoint()


def test_rows_damaged(run: Run) -> None:
    for text in ("", "iteration,step\nx,y\n", "iteration,step\n1,2\n"):
        (run.path / "metrics.csv").write_text(text)
        with pytest.raises(CorruptFileError, match=r"metrics\.csv is damaged"):
            run.rows()


def test_find(run: Run) -> None:
    """A run is found by name and by path, and nothing else is a run."""
    runs = run.path.parent
    assert find_run(runs, run.name).path == run.path
    assert find_run(Path("elsewhere"), str(run.path)).path == run.path
    for name in ("digits-10-s3-9", "..", "../runs", "", "x" * 300, ".", "/"):
        with pytest.raises(ConfigError, match="There is no run named"):
            find_run(runs, name)


def test_find_folder_of_another_program(tmp_path: Path) -> None:
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
    assert [found.name for found in all_runs(runs)] == [run.name]
    assert list(all_runs(runs / "none")) == []


def test_status_interrupted(run: Run) -> None:
    """A running run is interrupted when nobody holds it."""
    facts = run.metadata | {"status": "running"}
    assert run.status(facts) == "interrupted"
    held = Run(run.path)
    held.lock()
    assert run.status(facts) == "running"
    with pytest.raises(ConfigError, match="digits-10-s3-1 is being trained by process 1"):
        run.lock()
    held.unlock()
    run.lock()


def test_write_facts_nan(run: Run) -> None:
    """A record is JSON without NaN, and one that is not written leaves the old one."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.write_metadata({"loss": float("nan")})
    assert json.loads((run.path / "run.json").read_text())["status"] == "done"


def test_sweep(run: Run) -> None:
    """Half-written files are swept, among kept weights too."""
    run.keep_weights()
    halves = [run.path / ".run.json.0.tmp", run.path / "weights" / ".3.safetensors.0.tmp"]
    kept = run.path / "weights" / "2.safetensors"
    for path in (*halves, kept):
        path.touch()
    run.remove_temporary_files()
    assert not any(path.exists() for path in halves)
    assert run.kept_weights() == [(2, kept)]
