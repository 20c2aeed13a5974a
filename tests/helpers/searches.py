"""Searches over the settings of an entry that trains in milliseconds."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.helpers.digits import digits
from tests.helpers.entries import PLAINEST, recipe
from zoo.analysis import optuna_study, search_space, studies, trials, tune
from zoo.analysis.deadline import Deadline
from zoo.analysis.search import Search
from zoo.config import load
from zoo.data.dataset import Dataset
from zoo.parallel.open_engine import open_engine

if TYPE_CHECKING:
    import optuna


TESTED: dict[str, object] = {
    "data.split": {"test": 360, "validation": 200, "seed": 42},
    "train.epochs": 2,
}


def make_search(folder: Path, *space: str, **changes: object) -> Search:
    settings: dict[str, Any] = {
        "raw": load.override(PLAINEST, list(TESTED.items())),
        "name": "digits-7",
        "space": search_space.parse(space or ["train.rate=log:0.01..1"]),
        "folder": folder / "study",
        "sampler": "random",
        "pruner": "none",
        "seed": 0,
        "seeds": [0],
        "data_digest": digits().digest,
        "data_path": None,
    }
    return Search(**(settings | changes))


def run_study(search: Search, trials: int, *, deadline: Deadline | None = None) -> list[Any]:
    already = studies.open_or_create(search)
    with open_engine("serial", jobs=1) as engine:
        steps = tune.run_trials(
            search,
            engine,
            trials=trials,
            n_finished=already,
            deadline=deadline,
            clock=time.monotonic,
        )
        return list(steps)


def accuracy(dataset: Dataset, **changes: object) -> float:
    entry = recipe(TESTED | changes)
    return trials.validation_accuracy(entry, dataset, lambda _number, _report: None)


def joined(search: Search) -> "optuna.Study":
    """Return the study as another process opens it."""
    import optuna

    storage = optuna_study.open_journal(search.folder)
    return optuna.load_study(study_name=optuna_study.NAME, storage=storage)


def states(search: Search) -> list[str]:
    return [trial.state for trial in studies.read(search).trials]
