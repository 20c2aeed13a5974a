"""`zoo tune`: a search for better settings, judged on validation pictures alone."""

from __future__ import annotations

import json
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import options, training_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.analysis.search_space import Space
    from zoo.analysis.tune import Search, Study
    from zoo.config.entry import Entry, Raw

TRIALS = 50
SHOWN = 10  # trials in the table
STUDIES = Path("studies")
WAY_ON = "The same command with --resume goes on."
UNITS = {"s": 1, "m": 60, "h": 3600}


def tune(
    name: options.NameArgument,
    *,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            help="What to choose from: LOW..HIGH, log:LOW..HIGH or VALUE,VALUE,...; repeatable.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Trials in all; 50, or the whole of a grid."),
    ] = None,
    sampler: Annotated[
        Literal["tpe", "random", "grid"], typer.Option(help="Who chooses what to try.")
    ] = "tpe",
    pruner: Annotated[
        Literal["halving", "none"], typer.Option(help="Who gives up trials that do badly early.")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="The seed of the sampler.")] = 0,
    seeds: options.SeedsOption = None,
    set_: options.SetOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    max_time: Annotated[
        str | None,
        typer.Option(metavar="10m", help="Stop after this time: seconds, or with s, m or h."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a study, or join those who are at it.")
    ] = False,
    study: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder of the study; studies/NAME, if not said."),
    ] = None,
    json_: options.JsonOption = False,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Search for better settings of a recipe, judged on held-out training pictures alone."""
    from zoo.analysis import search_space
    from zoo.analysis import tune as library
    from zoo.config.load import override
    from zoo.errors import ConfigError
    from zoo.parallel.open import parse_engine
    from zoo.training import jobs as trainings

    if why := library.unavailable():
        raise ConfigError(why, hint="`pip install 'numpy-zoo[tune]'` brings it.")
    if engine is not None:
        parse_engine(engine)
    listed = options.find_entry(name)
    changes = options.assignments(set_)
    entry = listed.with_changes(changes)
    changed = listed.with_changes([*changes, *entry.validation_changes()])
    axes = search_space.parse(space or [])
    count = _count(axes, sampler, trials)
    folder = study or STUDIES / changed.name
    if library.exists(folder) and not resume:
        raise ConfigError(
            f"{folder} holds a study already.",
            hint="--resume goes on with it; --study DIR names another folder.",
        )
    until = None if max_time is None else time.time() + _seconds(max_time)
    dataset = options.load_data(changed.data, data, offline=offline)
    trainings.register_dataset(dataset)
    search = library.Search(
        raw=override(listed.raw, [*changes, *entry.validation_changes()]),
        name=changed.name,
        space=axes,
        folder=folder.resolve(),
        sampler=sampler,
        pruner=pruner,
        seed=seed,
        seeds=options.parse_seeds(None, seeds, default=changed.train.seed),
        data=dataset.digest,
        given=data.resolve() if data else None,
    )
    work = training_jobs.RunOptions(engine, jobs, fresh=False)
    failed = _make(search, count, until, work, joins=secrets.randbits(32) if resume else 0)
    lacking = count - library.begin(search)
    found = library.read(search.folder, axes)
    written = _write(search, override(listed.raw, changes), found, folder)
    if json_:
        print(json.dumps(_object(found, folder), allow_nan=False, indent=2))
    else:
        _show(search, entry, found, written)
    if until is not None and found.best is None:
        options.warn(["No trial was done in the time."])
    elif lacking > 0 and (until is None or time.time() < until):
        options.warn([f"{lacking} of {count} trials did not get to their end. {WAY_ON}"])
        failed = True
    if failed or found.best is None:
        raise typer.Exit(1)


def _count(axes: Space, sampler: str, trials: int | None) -> int:
    """Return how many trials there are to be."""
    from zoo.analysis import search_space

    if sampler != "grid":
        return trials or TRIALS
    most = len(search_space.combinations(axes))
    return min(trials or most, most)


def _seconds(text: str) -> float:
    from zoo.errors import ConfigError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found or not float(found[1]):
        raise ConfigError(
            f"--max-time needs a time, and got {text!r}.", hint="For example: --max-time 10m"
        )
    return float(found[1]) * UNITS[found[2] or "s"]


def _make(
    search: Search, count: int, until: float | None, work: training_jobs.RunOptions, *, joins: int
) -> bool:
    """Make the trials that are missing; return whether any of them broke down."""
    from zoo.analysis import tune as library
    from zoo.formatting import percent
    from zoo.parallel.threads import one_thread
    from zoo.parallel.worker import Failure

    from .output import tune as studies
    from .progress import TaskProgress

    already = library.begin(search)
    missing = max(count - already, 0)
    broke = False
    with (
        one_thread(),
        options.resolve_engine(work.engine, work.jobs, tasks=missing) as at_work,
        TaskProgress(
            count, missing, "trials", time.monotonic, already=already, way_on=WAY_ON
        ) as whole,
    ):
        made = library.make(
            search,
            at_work,
            trials=count,
            already=already,
            until=until,
            clock=time.time,
            joins=joins,
        )
        for one in made:
            if isinstance(one, Failure):
                broke = True
                whole.failed(f"a trial failed. {one.reason} {one.hint}".rstrip())
            elif one:
                said = percent(one.accuracy) if one.accuracy is not None else one.state
                whole.done(1, f"trial {one.number}: {said} with {studies.values_words(one.values)}")
    return broke


def _write(search: Search, raw: Raw, found: Study, folder: Path) -> list[Path]:
    """Write the plot, and the best settings as an entry; return where."""
    from zoo.analysis import tune as library
    from zoo.files import write_atomically
    from zoo.report.tuning import svg

    if found.best is None:
        return []
    toml, plot = folder / "best.toml", folder / "study.svg"
    text = library.best_toml(search, raw, found.best, trials=len(found.trials))
    write_atomically(toml, text.encode())
    write_atomically(plot, svg(search.name, found, search.space).encode())
    return [toml, plot]


def _show(search: Search, entry: Entry, found: Study, written: Sequence[Path]) -> None:
    from .output import tune as studies

    options.terminal(*studies.page(search, entry, found, shown=SHOWN))
    for path in written:
        print(f"{'best' if path.suffix == '.toml' else 'plot':<10}{path}")
    if written:
        print(f"{'next':<10}zoo train {written[0]}")


def _object(found: Study, folder: Path) -> dict[str, object]:
    from dataclasses import asdict

    best = found.best
    return {
        "folder": str(folder),
        "best": asdict(best) if best else None,
        "importances": found.importances,
        "trials": [asdict(one) for one in found.trials],
    }
