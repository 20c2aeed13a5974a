"""Studies whose processes are killed at every write to the journal, each in a forked child.

`python -P killed_studies.py FOLDER SAMPLER TRIALS` prints a line of JSON for every kill. With
`together` as a last argument, several processes share a study and none is killed.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import optuna
from optuna.storages.journal import JournalFileBackend

from zoo.analysis import optuna_study, search_space, studies, tune
from zoo.analysis.search import Search
from zoo.analysis.studies import Trial
from zoo.data.digits import load_digits
from zoo.parallel.open_engine import open_engine
from zoo.training import jobs

ENTRY: dict[str, Any] = {
    "name": "own",
    "summary": "Trains in a moment.",
    "data": {"kind": "digits", "split": {"test": 360, "validation": 200, "seed": 42}},
    "preprocess": {"divide": 16},
    "network": {"hidden": [4]},
    "train": {"epochs": 1, "batch": 256, "rate": 0.1, "weights": "he"},
}
RATES = ("0.1", "0.2", "0.3", "0.4")
TOGETHER = 4  # processes

DIGITS = load_digits()
Moment = Literal["before", "after"]
append_logs = JournalFileBackend.append_logs


class Journal:
    """A counter of this process's writes to the journal; it can kill the process at one of them."""

    def __init__(self, deadly: int = 0, moment: Moment = "before") -> None:
        self.writes = 0

        def append(backend: JournalFileBackend, logs: list[dict[str, Any]]) -> None:
            self.writes += 1
            if (self.writes, moment) == (deadly, "before"):
                os.kill(os.getpid(), signal.SIGKILL)
            append_logs(backend, logs)
            if (self.writes, moment) == (deadly, "after"):
                os.kill(os.getpid(), signal.SIGKILL)

        setattr(JournalFileBackend, "append_logs", append)  # noqa: B010 - mypy refuses an assignment


def make_search(folder: Path, sampler: str, trials: int) -> Search:
    """Return a search of a few settings that train in milliseconds."""
    rates = ",".join(RATES[:trials]) if sampler == "grid" else "log:0.01..1"
    return Search(
        raw=ENTRY,
        name="own",
        space=search_space.parse([f"train.rate={rates}", "network.hidden=4"]),
        folder=folder,
        sampler=cast("optuna_study.Sampler", sampler),
        pruner="none",
        seed=0,
        seeds=[0],
        data_digest=DIGITS.digest,
        data_path=None,
    )


def work(search: Search, trials: int) -> None:
    """Create or resume a study, as `zoo tune --jobs 1` does."""
    already = studies.open_or_create(search)
    with open_engine("serial", jobs=1) as engine:
        results = tune.run_trials(
            search, engine, trials=trials, n_finished=already, deadline=None, clock=time.time
        )
        for trial in results:
            assert trial is None or isinstance(trial, Trial), trial


def forked(function: Callable[[], object]) -> int:
    """Start a child that calls the function; return its process id."""
    if child := os.fork():
        return child
    try:
        function()
    except BaseException:  # noqa: BLE001 - a child must not become a second parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def end(child: int) -> int:
    """Wait for a child; return its exit code, or the negative number of its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def trials_of(folder: Path) -> list[dict[str, object]]:
    """Return the states and values of a study's trials."""
    backend = JournalFileBackend(str(folder / optuna_study.JOURNAL))
    study = optuna.load_study(
        study_name=optuna_study.NAME, storage=optuna.storages.JournalStorage(backend)
    )
    return [{"state": trial.state.name, "values": trial.params} for trial in study.get_trials()]


def send(**facts: object) -> None:
    """Print a line for the test."""
    print(json.dumps(facts), flush=True)  # noqa: T201 - the test reads stdout


def killed_at_every_write(folder: Path, sampler: str, trials: int) -> None:
    """Kill a study at each of its writes, resume it, and print its trials."""
    journal = Journal()
    work(make_search(folder / "whole", sampler, trials), trials)  # also imports all modules
    send(writes=journal.writes, trials=trials_of(folder / "whole"))
    for deadly in range(1, journal.writes + 1):
        for moment in cast("tuple[Moment, ...]", ("before", "after")):
            search = make_search(folder / f"{deadly}-{moment}", sampler, trials)

            def die(search: Search = search, at: int = deadly, when: Moment = moment) -> None:
                Journal(at, when)
                work(search, trials)

            def resume(search: Search = search) -> None:
                work(search, trials)

            codes = [end(forked(die)), end(forked(resume))]
            send(killed=f"{moment} write {deadly}", codes=codes, trials=trials_of(search.folder))


def together(folder: Path, sampler: str, trials: int) -> None:
    """Let several processes share a study, and print its trials."""
    work(make_search(folder / "whole", sampler, trials), trials)  # imports all modules
    search = make_search(folder / "shared", sampler, trials)
    children = [forked(lambda: work(search, trials)) for _ in range(TOGETHER)]
    codes = [end(child) for child in children]
    send(codes=codes, trials=trials_of(search.folder))


if __name__ == "__main__":
    os.fsync = lambda fd: None  # noqa: ARG005 - a kill does not lose pages in the system's cache
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    jobs.register_dataset(DIGITS)
    run = together if "together" in sys.argv else killed_at_every_write
    run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
