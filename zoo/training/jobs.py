"""Training jobs: an engine runs them in parallel, and each run is stored when it is finished."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from zoo.config import cache_key
from zoo.config.cache_key import TrainingKey
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.data.serialize import deserialize, serialize
from zoo.errors import CorruptFileError, ZooError
from zoo.files import temporary_folder
from zoo.parallel import worker
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training import recorder
from zoo.training.record import RECORD, Metadata
from zoo.training.recorder import Clock
from zoo.training.run import Run
from zoo.training.runs import all_runs, import_run


@dataclass(frozen=True)
class TrainingJob:
    """A training to run: the entry with its seed, and the data."""

    entry: Entry
    data_digest: str
    data_path: Path | None = None  # the user's own path of the data
    changes: Mapping[str, object] = field(default_factory=dict)  # overrides of the entry's recipe
    variant: str = ""  # part of the label, such as "without warm-up"
    text: str = ""  # the TOML of the entry before the changes, whose comments the run keeps
    for_choice: bool = False  # between recipes; the test split is not used
    command: str = ""  # whose trainings are kept apart from the user's own

    @property
    def key(self) -> TrainingKey:
        """The cache key of the training."""
        return cache_key.training_key(self.entry, self.data_digest)

    @property
    def cost(self) -> float:
        """The relative duration: multiplications, and a constant for every step."""
        train = self.entry.train
        rows = self.entry.data.train_rows
        steps = train.steps(rows)
        return steps * (self.entry.parameters * (train.batch or rows) + 1e6)

    @property
    def label(self) -> str:
        """The label for progress output, such as "digits-10 without warm-up seed 3"."""
        variant = f" {self.variant}" if self.variant else ""
        return f"{self.entry.name}{variant} seed {self.entry.train.seed}"


@dataclass(frozen=True)
class WorkerTask:
    """A training job as it is sent to a worker."""

    job: TrainingJob
    clock: Clock
    code: str  # digest of the source of zoo and of the entry's plugins, in the parent process


Files = dict[str, bytes]

_datasets: dict[str, Dataset] = {}  # the datasets of this process, by digest


def register_dataset(dataset: Dataset) -> None:
    """Register a dataset for the trainings of this process."""
    _datasets[dataset.digest] = dataset


def train(task: WorkerTask) -> Files:
    """Return the files of a run: a pure function of the entry, its seed and the data."""
    job = task.job
    if cache_key.entry_source_digest(job.entry) != task.code:
        raise ZooError(
            f"{job.label}: this worker has another version of a plugin of {job.entry.name}.",
            hint="Install the same packages on all workers.",
        )
    dataset = resolve_dataset(job)
    with temporary_folder() as folder:
        recording = recorder.start(
            job.entry,
            dataset,
            runs=folder,
            clock=task.clock,
            data_path=job.data_path,
            changes=job.changes,
            text=job.text,
            checkpoints=False,
            for_choice=job.for_choice,
        )
        for _ in recording:
            pass
        run = recording.finish(plot=True).run
        return {path.name: path.read_bytes() for path in run.path.glob("[!.]*")}


def serialized_dataset(digest: str) -> bytes:
    """Return the data with this digest, serialized for a worker that does not have it."""
    return serialize(_datasets[digest])


def resolve_dataset(job: TrainingJob) -> Dataset:
    """Return a job's data: registered, from this machine's data folders, or sent to this worker."""
    if job.data_digest in _datasets:
        return _datasets[job.data_digest]
    for data_path in {job.data_path, None}:
        try:
            dataset = load(job.entry.data, locations_from_environment(data_path, offline=True))
        except ZooError:
            continue  # the next location may have it; otherwise it is requested
        if dataset.digest == job.data_digest:
            register_dataset(dataset)
            return dataset
    if job.data_digest in worker.received_data:
        register_dataset(deserialize(worker.received_data[job.data_digest]))
        return _datasets[job.data_digest]
    raise worker.MissingDataError(job.data_digest)


def run_jobs(
    jobs: Sequence[TrainingJob], engine: Engine, *, runs: Path, clock: Clock
) -> Iterator[tuple[TrainingJob, Run | Failure]]:
    """Run the jobs, the longest first; yield each one when its run is stored."""
    ordered = sorted(jobs, key=lambda job: -job.cost)
    tasks = [WorkerTask(job, clock, cache_key.entry_source_digest(job.entry)) for job in ordered]
    for index, files in engine.run(train, tasks, supply=serialized_dataset):
        job = ordered[index]
        if isinstance(files, Failure):
            yield job, files
        else:
            yield job, import_run(folder_of(runs, job.command, job.entry), job.entry, files)


def folder_of(runs: Path, command: str, entry: Entry) -> Path:
    """Return the folder for the runs of a command, such as runs/compare-digits-10."""
    return runs / f"{command}-{entry.name}" if command else runs


class FinishedRun(NamedTuple):
    """A finished run with the content of its run.json."""

    run: Run
    record: Metadata

    @property
    def key(self) -> TrainingKey | None:
        """The cache key; None if several versions of the code or recipe contributed."""
        recipe, code = self.record.get("recipe"), self.record.get("code")
        if recipe is None or code is None:
            return None
        return TrainingKey(recipe, self.record["seed"], self.record["data"]["digest"], code)

    def score(self, split: str) -> Metadata:
        """Return `n`, `accuracy` and `loss` on a split."""
        score: Metadata | None = self.record["scores"].get(split)
        if score is None:
            raise CorruptFileError(f"{self.run.path / RECORD} has no score on {split}.")
        return score


def median_run(entry: Entry, runs: Sequence[FinishedRun]) -> FinishedRun:
    """Return the median run by validation or training accuracy, never by test accuracy."""
    split = entry.selection_split

    def accuracy_and_seed(run: FinishedRun) -> tuple[float, int]:
        return run.score(split)["accuracy"], run.record["seed"]

    return sorted(runs, key=accuracy_and_seed)[(len(runs) - 1) // 2]


def finished_runs(*folders: Path) -> Iterator[FinishedRun]:
    """Yield the finished runs in folders of runs."""
    for run in chain.from_iterable(map(all_runs, folders)):
        try:
            metadata = run.metadata
        except ZooError:
            continue  # `zoo runs` reports it
        if metadata["status"] == "done":
            yield FinishedRun(run, metadata)
