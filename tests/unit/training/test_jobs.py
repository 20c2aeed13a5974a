"""Training jobs: weights, run folders and keys."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import named, recipe
from tests.helpers.training_jobs import AUGMENT, digits_jobs, run_all, weights_of
from zoo.config import cache_key
from zoo.data.serialize import deserialize, serialize
from zoo.parallel import worker
from zoo.parallel.worker import Failure
from zoo.training import jobs, recorder, resume
from zoo.training.jobs import FinishedRun, TrainingJob, WorkerTask
from zoo.training.run import Run


@pytest.mark.parametrize("changes", [{}, {"train__augment": AUGMENT}], ids=["plain", "augmented"])
def test_job_weights(tmp_path: Path, changes: dict[str, object]) -> None:
    """Several jobs give the same bytes as each job alone."""
    training_jobs = digits_jobs(0, 1, 2, **changes)
    serial = weights_of(run_all(training_jobs, tmp_path / "serial"))
    assert len(serial) == 3
    recording = recorder.start(
        training_jobs[1].entry, digits(), runs=tmp_path / "alone", clock=time.perf_counter
    )
    for _ in recording:
        pass
    alone = recording.finish(plot=False).run
    assert serial["digits-7 seed 1"] == (alone.path / "weights.safetensors").read_bytes()


def test_job_run(tmp_path: Path) -> None:
    """A job makes an ordinary run, which is found by its key."""
    (job,) = digits_jobs(3)
    run_all([job], tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key == job.key
    assert done.run.name == "digits-7-s3-1"
    assert done.run.entry == job.entry
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
    """A job that fails has a reason, and the others finish."""
    training_jobs = [*digits_jobs(0), *digits_jobs(1, train__rate=1e30), *digits_jobs(2)]
    results = run_all(training_jobs, tmp_path)
    failed = results["digits-7 seed 1"]
    assert isinstance(failed, Failure)
    assert failed.reason.startswith("Training diverged: the loss is NaN or infinite at step ")
    assert [done.record["seed"] for done in jobs.finished_runs(tmp_path)] == [0, 2]


def test_job_keeps_comments(tmp_path: Path) -> None:
    """The run of a worker has the comments of the job's text."""
    text = named("digits-7").replace("\ndata", "\n# on any machine\ndata")
    (job,) = digits_jobs(0)
    run_all([replace(job, text=text)], tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.run.entry == job.entry
    assert "# on any machine\n" in done.run.entry_text


def test_jobs_longest_first(tmp_path: Path) -> None:
    training_jobs = [
        *digits_jobs(0),
        *digits_jobs(1, train__epochs=9),
        *digits_jobs(2, train__epochs=6),
    ]
    assert list(run_all(training_jobs, tmp_path)) == [
        "digits-7 seed 1",
        "digits-7 seed 2",
        "digits-7 seed 0",
    ]


def test_key_of_a_longer_training(tmp_path: Path) -> None:
    """A longer training has the key of its new recipe, and the same bytes."""
    run_all(digits_jobs(0), tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    recording = resume.resume(done.run, digits(), length=5, clock=time.perf_counter)
    for _ in recording:
        pass
    recording.finish(plot=False)
    (longer,) = jobs.finished_runs(tmp_path)
    (job,) = digits_jobs(0, train__epochs=5)
    assert longer.key == job.key
    again = weights_of(run_all([job], tmp_path / "again"))
    assert again["digits-7 seed 0"] == (done.run.path / "weights.safetensors").read_bytes()


def test_key_of_a_longer_cosine(tmp_path: Path) -> None:
    """A longer training has no key if its schedule depends on the length."""
    changes = {"train__schedule": "cosine"}
    run_all(digits_jobs(0, **changes), tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key == digits_jobs(0, **changes)[0].key
    recording = resume.resume(done.run, digits(), length=5, clock=time.perf_counter)
    for _ in recording:
        pass
    recording.finish(plot=False)
    (longer,) = jobs.finished_runs(tmp_path)
    assert longer.key is None


def test_key_of_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was started with other code has no key."""
    monkeypatch.setattr(cache_key, "source_digest", lambda: "old code")
    recording = recorder.start(recipe(), digits(), runs=tmp_path, clock=time.perf_counter)
    recording.stop()
    monkeypatch.undo()
    again = resume.resume(recording.run, digits(), length=None, clock=time.perf_counter)
    for _ in again:
        pass
    again.finish(plot=False)
    (done,) = jobs.finished_runs(tmp_path)
    assert done.key is None


def test_job_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without the data requests it and uses the data that it receives."""
    monkeypatch.setattr(jobs, "_datasets", {})
    monkeypatch.setattr(worker, "received_data", {})
    renamed = deserialize(serialize(digits()).replace(digits().digest.encode(), b"e" * 64))
    job = TrainingJob(recipe(), renamed.digest)
    with pytest.raises(worker.MissingDataError):
        jobs.train(WorkerTask(job, time.perf_counter, job.key.code))
    worker.received_data[renamed.digest] = serialize(renamed)
    sent = jobs.train(WorkerTask(job, time.perf_counter, job.key.code))
    local = weights_of(run_all(digits_jobs(0), tmp_path))["digits-7 seed 0"]
    expected = local.replace(digits().digest.encode(), b"e" * 64)
    arrays = len(local) - 4 * recipe().parameters
    assert sent["weights.safetensors"][arrays:] == expected[arrays:]


def test_serialize_round_trip() -> None:
    received = deserialize(serialize(digits()))
    assert (received.train.images == digits().train.images).all()
    assert received.train.labels is not None
    assert digits().train.labels is not None
    assert (received.train.labels == digits().train.labels).all()
    assert received.test is None
    for name in ("name", "shape", "classes", "source", "digest"):
        assert getattr(received, name) == getattr(digits(), name)


def test_median_run() -> None:
    """The median run does not depend on the test split."""
    entry = recipe({"data": {"kind": "digits", "split": {"validation": 300, "test": 300}}})
    finished = [
        FinishedRun(
            Run(Path(str(seed))),
            {"seed": seed, "scores": {"validation": {"accuracy": accuracy}}},
        )
        for seed, accuracy in enumerate([0.7, 0.9, 0.8, 0.6])
    ]
    assert jobs.median_run(entry, finished).record["seed"] == 0
