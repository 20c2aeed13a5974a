"""The output of --dry-run: the trainings that a command would run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from zoo.formatting import count

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..training_jobs import PlannedTraining

COLUMNS = ("training", "seeds", "finished", "to train")


def trainings_result(
    trainings: Sequence[PlannedTraining], missing_data: Iterable[str] = ()
) -> Result:
    """Return the plan: one object per training, and in the table one row for all seeds.

    `missing_data` has the titles of the datasets without which no finished run is found.
    """
    rows = []
    for name in dict.fromkeys(training.name for training in trainings):
        own = [training for training in trainings if training.name == name]
        finished = sum(training.exists for training in own)
        cells = len(own), finished, len(own) - finished
        rows.append((name, *(f"{n:,}" for n in cells)))
    notes = [
        f"{title} is not on this machine; it would be fetched first."
        for title in dict.fromkeys(missing_data)
    ]
    missing = sum(not training.exists for training in trainings)
    summary = f"{missing:,} of {count(len(trainings), 'training')} would run. Nothing was trained."
    return Result(
        [asdict(training) for training in trainings],
        tables=[Table(COLUMNS, rows, right=COLUMNS[1:], notes=[*notes, summary])],
        names=[row[0] for row in rows],
    )
