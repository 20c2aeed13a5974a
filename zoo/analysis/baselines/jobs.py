"""Jobs that train baselines on an engine; each result is cached on disk by its key."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from zoo.analysis.baselines import common
from zoo.analysis.baselines.result import BaselineResult
from zoo.files import write_atomically
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.system.files import read_regular
from zoo.training.jobs import TrainingJob, resolve_dataset, serialized_dataset
from zoo.training.recorder import Clock

MAX_BYTES = 1_000_000  # of a stored result


@dataclass(frozen=True)
class BaselineJob:
    """A request to train one baseline for one entry and seed. Sent to a worker."""

    peer: str  # a name from BASELINES
    job: TrainingJob
    clock: Clock


def train_baseline(baseline_job: BaselineJob) -> BaselineResult:
    """Return the result of the baseline for the job's recipe, seed and data."""
    job = baseline_job.job
    dataset = resolve_dataset(job)
    return common.train_baseline(baseline_job.peer, job.entry, dataset, clock=baseline_job.clock)


def train_baselines(
    baseline_jobs: Sequence[BaselineJob], engine: Engine, *, runs: Path
) -> Iterator[tuple[int, BaselineResult | Failure]]:
    """Train baselines on the engine; yield each index with its result once that is stored."""
    for index, result in engine.run(train_baseline, baseline_jobs, supply=serialized_dataset):
        if isinstance(result, BaselineResult):
            text = json.dumps(asdict(result), indent=2, allow_nan=False)
            write_atomically(_path(baseline_jobs[index], runs), f"{text}\n".encode())
        yield index, result


def cached_baseline(baseline_job: BaselineJob, runs: Path) -> BaselineResult | None:
    """Return the stored result of this job; None if there is none or it is damaged."""
    try:
        content = read_regular(_path(baseline_job, runs), MAX_BYTES)
        result = TypeAdapter(BaselineResult).validate_json(content)
    except (OSError, ValueError):  # pydantic's errors are ValueErrors
        return None
    baseline, entry = baseline_job.peer, baseline_job.job.entry
    expected = replace(
        result,
        peer=baseline,
        version=common.version(baseline),
        entry=entry.name,
        seed=entry.train.seed,
        split=entry.claim.split if entry.claim else result.split,
    )
    return result if result == expected else None


def _path(baseline_job: BaselineJob, runs: Path) -> Path:
    """Return the file of a result, named by a digest of all that the result depends on."""
    baseline = baseline_job.peer
    key = [baseline, common.version(baseline), *baseline_job.job.key]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()
    return runs / "contrasts" / f"{name}.json"
