"""The output of `zoo tune`: the best trials and the importance of the settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from zoo.analysis import study_rows
from zoo.analysis.study_folder import BEST, PLOT
from zoo.control_characters import plain
from zoo.formatting import count
from zoo.system.commands import quote

from . import tables
from .escape import styled
from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from zoo.analysis.search import Search
    from zoo.analysis.studies import Study
    from zoo.config.entry import Entry


def study_result(search: Search, entry: Entry, study: Study, folder: Path) -> Result:
    """Return the result of `zoo tune`: an object, and one row per trial."""
    best = study.best
    columns = study_rows.columns(search.space)
    table = Table(
        columns,
        study_rows.trial_rows(study, search.space),
        right=columns[:2],
        notes=study_rows.notes(search, entry, study),
    )
    trials = [asdict(trial) for trial in study.trials]
    return Result(
        {
            "name": search.name,
            "folder": str(folder),
            "best": asdict(best) if best else None,
            "importances": study.importances,
            "trials": trials,
        },
        rows=[{"name": f"{search.name} trial {trial['number']}"} | trial for trial in trials],
        tables=[table],
        page=lambda: _page(study_rows.title(search, entry, study), table, folder if best else None),
        names=[str(folder / BEST)] if best else [],
    )


def _page(title: str, table: Table, folder: Path | None) -> Iterator[RenderableType]:
    """Yield the parts of the terminal output; `folder` has the files of the best trial."""
    yield from (styled(plain(title)), "")
    notes = [styled(plain(note)) for note in table.notes]
    if table.rows:
        result = tables.table(*table.columns, right=tuple(table.right))
        for row in table.rows:
            result.add_row(*(styled(plain(cell)) for cell in row))
        yield from (result, "")
    yield from notes
    if folder:
        best = folder / BEST
        yield tables.facts(
            ("best", str(best)),
            ("plot", str(folder / PLOT)),
            ("next", f"zoo train {quote(str(best))}"),
        )


def plan_result(search: Search, folder: Path, *, trials: int, finished: int) -> Result:
    """Return the result of `zoo tune --dry-run`; a trial trains with each of the seeds."""
    seeds = list(search.seeds)
    missing = max(trials - finished, 0)
    space = [(key, str(axis)) for key, axis in search.space.items()]
    cells = [
        ("trials", f"{trials:,}, of which {finished:,} are finished"),
        ("seeds", ", ".join(map(str, seeds))),
        ("trainings", f"at most {missing * len(seeds):,}"),
        ("sampler", f"{search.sampler}, seed {search.seed}; pruner {search.pruner}"),
        *space,
        ("folder", str(folder)),
    ]
    facts = {
        "name": search.name,
        "folder": str(folder),
        "trials": trials,
        "finished": finished,
        "seeds": seeds,
        "space": dict(space),
    }
    note = f"{count(missing, 'trial')} would run. Nothing was trained."
    return Result(facts, tables=[Table(("plan", ""), cells, notes=[note])])
