"""Many trainings: those that an engine makes, each stored as it arrives and found by its key."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import TypeAdapter

from zoo import keys, record, store
from zoo.config import Entry
from zoo.contrast import Contrast, contrast
from zoo.contrast import version as peer_version
from zoo.data.dataset import Dataset
from zoo.data.parcel import pack, unpack
from zoo.data.places import places_from_environment
from zoo.datasets import load
from zoo.engines import work
from zoo.engines.engine import Engine
from zoo.engines.work import Failure
from zoo.errors import CorruptFile, ZooError
from zoo.files import write_atomically
from zoo.keys import Key
from zoo.record import Clock
from zoo.store import Facts, Run


@dataclass(frozen=True)
class Wish:
    """A training that is wanted: the entry with its seed, and which data."""

    entry: Entry
    data: str  # its digest
    given: Path | None = None  # where the user said that it is
    changes: Mapping[str, object] = field(default_factory=dict)  # of the entry's recipe
    variant: str = ""  # what is special about it, such as "without warm-up"

    @property
    def key(self) -> Key:
        """What the training is known by."""
        return keys.key(self.entry, self.data)

    @property
    def effort(self) -> float:
        """How long it takes beside others: multiplications, and some for every step."""
        train = self.entry.train
        rows = self.entry.data.train_rows
        steps = train.steps(rows)
        return steps * (self.entry.parameters * (train.batch or rows) + 1e6)

    @property
    def words(self) -> str:
        """What it is called, such as "digits-10 without warm-up seed 3"."""
        variant = f" {self.variant}" if self.variant else ""
        return f"{self.entry.name}{variant} seed {self.entry.train.seed}"


@dataclass(frozen=True)
class Job:
    """A wish as a worker gets it."""

    wish: Wish
    clock: Clock
    code: str  # of zoo and of the packages that the entry names, where the work is commanded


Files = dict[str, bytes]

_held: dict[str, Dataset] = {}  # the data that this process has at hand, by its digest


def hold(dataset: Dataset) -> None:
    """Keep a dataset for the trainings that this process itself makes."""
    _held[dataset.digest] = dataset


def train(job: Job) -> Files:
    """Return the files of a run: a pure function of the entry, its seed and the data."""
    wish = job.wish
    if keys.code_of(wish.entry) != job.code:
        raise ZooError(
            f"{wish.words}: a package that {wish.entry.name} needs is another one on this worker.",
            hint="Install the same packages wherever the work is done.",
        )
    dataset = at_hand(wish)
    with TemporaryDirectory(prefix="zoo-") as folder:
        recording = record.start(
            wish.entry,
            dataset,
            runs=Path(folder),
            clock=job.clock,
            given=wish.given,
            changes=wish.changes,
            checkpoints=False,
        )
        for _ in recording:
            pass  # nobody watches
        run = recording.finish(plot=True).run
        return {path.name: path.read_bytes() for path in run.path.glob("[!.]*")}


def packed(digest: str) -> bytes:
    """Return the data of that digest as it is sent to a worker that lacks it."""
    return pack(_held[digest])


def at_hand(wish: Wish) -> Dataset:
    """Return the data of that digest: held, from this machine's own places, or as it was sent."""
    if wish.data in _held:
        return _held[wish.data]
    for given in {wish.given, None}:
        try:
            dataset = load(wish.entry.data, places_from_environment(given, offline=True))
        except ZooError:
            continue  # it may lie elsewhere, or else it is asked for
        if dataset.digest == wish.data:
            hold(dataset)
            return dataset
    if wish.data in work.supplied:
        hold(unpack(work.supplied[wish.data]))
        return _held[wish.data]
    raise work.Lacking(wish.data)


def make(
    wishes: Sequence[Wish], engine: Engine, *, runs: Path, clock: Clock
) -> Iterator[tuple[Wish, Run | Failure]]:
    """Train what is wished for, the longest first; yield each when its run is stored."""
    ordered = sorted(wishes, key=lambda wish: -wish.effort)
    jobs = [Job(wish, clock, keys.code_of(wish.entry)) for wish in ordered]
    for index, files in engine.run(train, jobs, supply=packed):
        wish = ordered[index]
        if isinstance(files, Failure):
            yield wish, files
        else:
            yield wish, store.adopt(runs, wish.entry, files)


class Done(NamedTuple):
    """A training that is done, with what is on record of it."""

    run: Run
    facts: Facts

    @property
    def key(self) -> Key | None:
        """What it is known by; nothing, if more than one code or recipe made it."""
        recipe, code = self.facts.get("recipe"), self.facts.get("code")
        if recipe is None or code is None:
            return None
        return Key(recipe, self.facts["seed"], self.facts["data"]["digest"], code)

    def score(self, split: str) -> Facts:
        """Return what it reached on a split, as `n`, `accuracy` and `loss`."""
        found: Facts | None = self.facts["scores"].get(split)
        if found is None:
            raise CorruptFile(f"{self.run.path / store.RECORD} has no score on {split}.")
        return found


def middle(entry: Entry, several: Sequence[Done]) -> Done:
    """Return the run in the middle by validation or training accuracy, never by the test's."""
    split = entry.choosing

    def place(done: Done) -> tuple[float, int]:
        return done.score(split)["accuracy"], done.facts["seed"]

    return sorted(several, key=place)[(len(several) - 1) // 2]


def finished(runs: Path) -> Iterator[Done]:
    """Yield the runs in a folder that are done."""
    for run in store.all_runs(runs):
        try:
            facts = run.facts
        except ZooError:
            continue  # `zoo runs` names it
        if facts["status"] == "done":
            yield Done(run, facts)


@dataclass(frozen=True)
class Rivalry:
    """A wish that somebody else's code is to fulfil, as a worker gets it."""

    peer: str
    wish: Wish
    clock: Clock


def oppose(rivalry: Rivalry) -> Contrast:
    """Return what the peer makes of the same recipe, seed and data."""
    wish = rivalry.wish
    return contrast(rivalry.peer, wish.entry, at_hand(wish), clock=rivalry.clock)


def rivals(
    rivalries: Sequence[Rivalry], engine: Engine, *, runs: Path
) -> Iterator[tuple[int, Contrast | Failure]]:
    """Let peers train; yield the number of each and what came of it when it is stored."""
    for index, found in engine.run(oppose, rivalries, supply=packed):
        if isinstance(found, Contrast):
            text = json.dumps(asdict(found), indent=2, allow_nan=False)
            write_atomically(_place(rivalries[index], runs), f"{text}\n".encode())
        yield index, found


def remembered(rivalry: Rivalry, runs: Path) -> Contrast | None:
    """Return what was stored of the same; nothing, if it was not trained or cannot be read."""
    try:
        known = json.loads(_place(rivalry, runs).read_text(encoding="utf-8"))
        return TypeAdapter(Contrast).validate_python(known)
    except (OSError, ValueError):  # pydantic's errors are values
        return None


def _place(rivalry: Rivalry, runs: Path) -> Path:
    """Return where a contrast lies: under all that it depends on."""
    known = [rivalry.peer, peer_version(rivalry.peer), *rivalry.wish.key]
    name = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    return runs / "contrasts" / f"{name}.json"
