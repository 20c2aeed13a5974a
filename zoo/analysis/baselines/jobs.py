"""Trainings of baselines (scikit-learn, PyTorch) by an engine, each result stored by its key."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from zoo.analysis.baselines.common import train_baseline as train_with_baseline
from zoo.analysis.baselines.common import version as peer_version
from zoo.analysis.baselines.result import BaselineResult
from zoo.files import write_atomically
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training.jobs import TrainingJob, resolve_dataset, serialized_dataset
from zoo.training.recorder import Clock


@dataclass(frozen=True)
class BaselineJob:
    """A wish that somebody else's code is to fulfil, as a worker gets it."""

    peer: str
    job: TrainingJob
    clock: Clock


def train_baseline(rivalry: BaselineJob) -> BaselineResult:
    """Return what the peer makes of the same recipe, seed and data."""
    wish = rivalry.job
    return train_with_baseline(rivalry.peer, wish.entry, resolve_dataset(wish), clock=rivalry.clock)


def train_baselines(
    rivalries: Sequence[BaselineJob], engine: Engine, *, runs: Path
) -> Iterator[tuple[int, BaselineResult | Failure]]:
    """Let peers train; yield the number of each and what came of it when it is stored."""
    for index, found in engine.run(train_baseline, rivalries, supply=serialized_dataset):
        if isinstance(found, BaselineResult):
            text = json.dumps(asdict(found), indent=2, allow_nan=False)
            write_atomically(_place(rivalries[index], runs), f"{text}\n".encode())
        yield index, found


def cached_baseline(rivalry: BaselineJob, runs: Path) -> BaselineResult | None:
    """Return what was stored of the same; nothing, if it was not trained or cannot be read."""
    try:
        known = json.loads(_place(rivalry, runs).read_text(encoding="utf-8"))
        return TypeAdapter(BaselineResult).validate_python(known)
    except (OSError, ValueError):  # pydantic's errors are values
        return None


def _place(rivalry: BaselineJob, runs: Path) -> Path:
    """Return where a contrast lies: under all that it depends on."""
    known = [rivalry.peer, peer_version(rivalry.peer), *rivalry.job.key]
    name = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    return runs / "contrasts" / f"{name}.json"
