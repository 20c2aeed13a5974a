"""Hyperparameter search: Optuna chooses the values, the validation split measures them."""

from collections.abc import Iterator

from zoo.analysis.deadline import Deadline
from zoo.analysis.search import Search
from zoo.analysis.studies import Trial
from zoo.analysis.study_folder import StudyWriteError
from zoo.analysis.trials import TrialTask, run_trial
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training import jobs
from zoo.training.recorder import Clock

ROUND = 64  # trials submitted to the engine at once; the rest is not submitted after --max-time


def unavailable() -> str | None:
    """Return why `zoo tune` cannot run, without importing Optuna; None if it can."""
    from importlib.util import find_spec

    return None if find_spec("optuna") else "zoo tune needs Optuna, which is not installed."


def run_trials(
    search: Search,
    engine: Engine,
    *,
    trials: int,
    n_finished: int,
    deadline: Deadline | None,
    clock: Clock,
    process_seed: int = 0,
) -> Iterator[Trial | Failure | None]:
    """Run the missing trials on the engine; yield each, or None when the time is over.

    Raise a StudyWriteError if the journal cannot be written.

    `process_seed` is a random number for a process that joins a study, so that its sampler chooses
    other values than the process that created the study.
    """
    for start in range(n_finished, trials, ROUND):
        tasks = [
            TrialTask(search, (search.seed, process_seed, number), trials, deadline, clock)
            for number in range(start, min(start + ROUND, trials))
        ]
        for _, result in engine.run(run_trial, tasks, supply=jobs.serialized_dataset):
            if isinstance(result, StudyWriteError):  # the others could not be recorded either
                raise result
            yield result
        if deadline and deadline.is_over:
            return
