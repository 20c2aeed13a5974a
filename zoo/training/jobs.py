"""Many trainings: those that an engine makes, each stored as it arrives and found by its key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from zoo.config import cache_key
from zoo.config.cache_key import TrainingKey
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.data.serialize import deserialize, serialize
from zoo.errors import CorruptFileError, ZooError
from zoo.parallel import worker
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training import recorder
from zoo.training import run as store
from zoo.training.recorder import Clock
from zoo.training.run import Metadata, Run


@dataclass(frozen=True)
class TrainingJob:
    """A training that is wanted: the entry with its seed, and which data."""

    entry: Entry
    data: str  # its digest
    given: Path | None = None  # where the user said that it is
    changes: Mapping[str, object] = field(default_factory=dict)  # of the entry's recipe
    variant: str = ""  # what is special about it, such as "without warm-up"

    @property
    def key(self) -> TrainingKey:
        """What the training is known by."""
        return cache_key.training_key(self.entry, self.data)

    @property
    def cost(self) -> float:
        """How long it takes beside others: multiplications, and some for every step."""
        train = self.entry.train
        rows = self.entry.data.train_rows
        steps = train.steps(rows)
        return steps * (self.entry.parameters * (train.batch or rows) + 1e6)

    @property
    def label(self) -> str:
        """What it is called, such as "digits-10 without warm-up seed 3"."""
        variant = f" {self.variant}" if self.variant else ""
        return f"{self.entry.name}{variant} seed {self.entry.train.seed}"


@dataclass(frozen=True)
class WorkerTask:
    """A wish as a worker gets it."""

    job: TrainingJob
    clock: Clock
    code: str  # of zoo and of the packages that the entry names, where the work is commanded


Files = dict[str, bytes]

_datasets: dict[str, Dataset] = {}  # the data that this process has at hand, by its digest


def register_dataset(dataset: Dataset) -> None:
    """Keep a dataset for the trainings that this process itself makes."""
    _datasets[dataset.digest] = dataset


def train(job: WorkerTask) -> Files:
    """Return the files of a run: a pure function of the entry, its seed and the data."""
    wish = job.job
    if cache_key.entry_source_digest(wish.entry) != job.code:
        raise ZooError(
            f"{wish.label}: a package that {wish.entry.name} needs is another one on this worker.",
            hint="Install the same packages wherever the work is done.",
        )
    dataset = resolve_dataset(wish)
    with TemporaryDirectory(prefix="zoo-") as folder:
        recording = recorder.start(
            wish.entry,
            dataset,
            runs=Path(folder),
            clock=job.clock,
            data_path=wish.given,
            changes=wish.changes,
            checkpoints=False,
        )
        for _ in recording:
            pass  # nobody watches
        run = recording.finish(plot=True).run
        return {path.name: path.read_bytes() for path in run.path.glob("[!.]*")}


def serialized_dataset(digest: str) -> bytes:
    """Return the data of that digest as it is sent to a worker that lacks it."""
    return serialize(_datasets[digest])


def resolve_dataset(job: TrainingJob) -> Dataset:
    """Return the data of that digest: held, from this machine's own places, or as it was sent."""
    if job.data in _datasets:
        return _datasets[job.data]
    for given in {job.given, None}:
        try:
            dataset = load(job.entry.data, locations_from_environment(given, offline=True))
        except ZooError:
            continue  # it may lie elsewhere, or else it is asked for
        if dataset.digest == job.data:
            register_dataset(dataset)
            return dataset
    if job.data in worker.received_data:
        register_dataset(deserialize(worker.received_data[job.data]))
        return _datasets[job.data]
    raise worker.MissingDataError(job.data)


def run_jobs(
    wishes: Sequence[TrainingJob], engine: Engine, *, runs: Path, clock: Clock
) -> Iterator[tuple[TrainingJob, Run | Failure]]:
    """Train what is wished for, the longest first; yield each when its run is stored."""
    ordered = sorted(wishes, key=lambda wish: -wish.cost)
    jobs = [WorkerTask(wish, clock, cache_key.entry_source_digest(wish.entry)) for wish in ordered]
    for index, files in engine.run(train, jobs, supply=serialized_dataset):
        job = ordered[index]
        if isinstance(files, Failure):
            yield job, files
        else:
            yield job, store.import_run(runs, job.entry, files)


class FinishedRun(NamedTuple):
    """A training that is done, with what is on record of it."""

    run: Run
    record: Metadata

    @property
    def key(self) -> TrainingKey | None:
        """What it is known by; nothing, if more than one code or recipe made it."""
        recipe, code = self.record.get("recipe"), self.record.get("code")
        if recipe is None or code is None:
            return None
        return TrainingKey(recipe, self.record["seed"], self.record["data"]["digest"], code)

    def score(self, split: str) -> Metadata:
        """Return what it reached on a split, as `n`, `accuracy` and `loss`."""
        found: Metadata | None = self.record["scores"].get(split)
        if found is None:
            raise CorruptFileError(f"{self.run.path / store.RECORD} has no score on {split}.")
        return found


def median_run(entry: Entry, runs: Sequence[FinishedRun]) -> FinishedRun:
    """Return the run in the middle by validation or training accuracy, never by the test's."""
    split = entry.selection_split

    def place(done: FinishedRun) -> tuple[float, int]:
        return done.score(split)["accuracy"], done.record["seed"]

    return sorted(runs, key=place)[(len(runs) - 1) // 2]


def finished_runs(runs: Path) -> Iterator[FinishedRun]:
    """Yield the runs in a folder that are done."""
    for run in store.all_runs(runs):
        try:
            facts = run.metadata
        except ZooError:
            continue  # `zoo runs` names it
        if facts["status"] == "done":
            yield FinishedRun(run, facts)
