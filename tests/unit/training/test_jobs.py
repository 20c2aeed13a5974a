"""Training jobs: weights, run folders and keys."""

import time
from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from tests.helpers.training_jobs import AUGMENT, made, weights_of, wishes
from zoo.config import cache_key
from zoo.data.serialize import deserialize, serialize
from zoo.parallel import worker
from zoo.parallel.worker import Failure
from zoo.training import jobs, recorder, run, runs
from zoo.training.jobs import FinishedRun, TrainingJob, WorkerTask
from zoo.training.run import Run
from zoo.training.runs import all_runs, import_run


@pytest.mark.parametrize("changes", [{}, {"train__augment": AUGMENT}], ids=["plain", "augmented"])
def test_job_weights(tmp_path: Path, changes: dict[str, object]) -> None:
    """Several trainings give the same bytes as each gives alone."""
    several = wishes(0, 1, 2, **changes)
    serial = weights_of(made(several, tmp_path / "serial"))
    assert len(serial) == 3
    recording = recorder.start(
        several[1].entry, digits(), runs=tmp_path / "alone", clock=time.perf_counter
    )
    for _ in recording:
        pass
    alone = recording.finish(plot=False).run
    assert serial["digits-7 seed 1"] == (alone.path / "weights.safetensors").read_bytes()


def test_job_run(tmp_path: Path) -> None:
    """A job makes a run like any other, which is found by its key."""
    (wish,) = wishes(3)
    made([wish], tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key == wish.key
    assert done.run.name == "digits-7-s3-1"
    assert done.run.entry == wish.entry
    assert [row.number for row in done.run.rows()] == [1, 2, 3]
    assert {path.name for path in done.run.path.glob("[!.]*")} == {
        "curves.svg",
        "entry.toml",
        "metrics.csv",
        "run.json",
        "weights.safetensors",
    }
    assert done.record["seed"] == 3
    assert done.record["changes"] == {}


def test_job_that_fails(tmp_path: Path) -> None:
    """A job that fails has a reason, and the others are done."""
    several = [*wishes(0), *wishes(1, train__rate=1e30), *wishes(2)]
    found = made(several, tmp_path)
    failed = found["digits-7 seed 1"]
    assert isinstance(failed, Failure)
    assert failed.reason.startswith("Training diverged: the loss is NaN or infinite at step ")
    assert [done.record["seed"] for done in jobs.finished_runs(tmp_path)] == [0, 2]


def test_jobs_longest_first(tmp_path: Path) -> None:
    several = [
        *wishes(0),
        *wishes(1, train__epochs=9),
        *wishes(2, train__epochs=6),
    ]
    assert list(made(several, tmp_path)) == [
        "digits-7 seed 1",
        "digits-7 seed 2",
        "digits-7 seed 0",
    ]


def test_adopt_last_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is a run only with its last file."""
    written: list[str] = []

    def full(path: Path, content: bytes) -> None:
        written.append(path.name)
        if path.name == run.RECORD:
            raise OSError
        path.write_bytes(content)

    monkeypatch.setattr(runs, "write_atomically", full)
    files = {"run.json": b"{}", "entry.toml": b"", "weights.safetensors": b""}
    with pytest.raises(OSError):  # noqa: PT011 - the one that was raised here
        import_run(tmp_path, recipe(), files)
    assert written[-1] == "run.json"
    assert list(all_runs(tmp_path)) == []


def test_key_of_a_longer_training(tmp_path: Path) -> None:
    """A training that is made longer has the key of its new recipe, and the same bytes."""
    made(wishes(0), tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    recording = recorder.resume(done.run, digits(), length=5, clock=time.perf_counter)
    for _ in recording:
        pass
    recording.finish(plot=False)
    (longer,) = jobs.finished_runs(tmp_path)
    (wish,) = wishes(0, train__epochs=5)
    assert longer.key == wish.key
    again = weights_of(made([wish], tmp_path / "again"))
    assert again["digits-7 seed 0"] == (done.run.path / "weights.safetensors").read_bytes()


def test_key_of_a_longer_cosine(tmp_path: Path) -> None:
    """A training whose rate knew another length has no key."""
    changes = {"train__schedule": "cosine"}
    made(wishes(0, **changes), tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key == wishes(0, **changes)[0].key
    recording = recorder.resume(done.run, digits(), length=5, clock=time.perf_counter)
    for _ in recording:
        pass
    recording.finish(plot=False)
    (longer,) = jobs.finished_runs(tmp_path)
    assert longer.key is None


def test_key_of_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that other code began and this code ended has no key."""
    monkeypatch.setattr(cache_key, "source_digest", lambda: "of before")
    recording = recorder.start(recipe(), digits(), runs=tmp_path, clock=time.perf_counter)
    recording.stop()
    monkeypatch.undo()
    again = recorder.resume(recording.run, digits(), length=None, clock=time.perf_counter)
    for _ in again:
        pass
    again.finish(plot=False)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key is None


def test_job_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without the data asks for it and takes what was sent."""
    monkeypatch.setattr(jobs, "_datasets", {})
    monkeypatch.setattr(worker, "received_data", {})
    renamed = deserialize(serialize(digits()).replace(digits().digest.encode(), b"e" * 64))
    wish = TrainingJob(recipe(), renamed.digest)
    with pytest.raises(worker.MissingDataError):
        jobs.train(WorkerTask(wish, time.perf_counter, wish.key.code))
    worker.received_data[renamed.digest] = serialize(renamed)
    sent = jobs.train(WorkerTask(wish, time.perf_counter, wish.key.code))
    ours = weights_of(made(wishes(0), tmp_path))["digits-7 seed 0"]
    own = ours.replace(digits().digest.encode(), b"e" * 64)
    arrays = len(ours) - 4 * recipe().parameters
    assert sent["weights.safetensors"][arrays:] == own[arrays:]


def test_pack_round_trip() -> None:
    arrived = deserialize(serialize(digits()))
    assert (arrived.train.images == digits().train.images).all()
    assert arrived.train.labels is not None
    assert digits().train.labels is not None
    assert (arrived.train.labels == digits().train.labels).all()
    assert arrived.test is None
    for name in ("name", "shape", "classes", "source", "digest"):
        assert getattr(arrived, name) == getattr(digits(), name)


def test_middle_run() -> None:
    """The middle run is chosen without the test split."""
    entry = recipe({"data": {"kind": "digits", "split": {"validation": 300, "test": 300}}})
    several = [
        FinishedRun(
            Run(Path(str(seed))),
            {"seed": seed, "scores": {"validation": {"accuracy": accuracy}}},
        )
        for seed, accuracy in enumerate([0.7, 0.9, 0.8, 0.6])
    ]
    assert jobs.median_run(entry, several).record["seed"] == 0
