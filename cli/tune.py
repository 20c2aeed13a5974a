"""`zoo tune`: hyperparameter search on validation images."""

from __future__ import annotations

import re
import secrets
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import options, pages, terminal, training_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.analysis.deadline import Deadline
    from zoo.analysis.search import Search
    from zoo.analysis.search_space import Space
    from zoo.analysis.studies import Study
    from zoo.config.catalog import CatalogEntry

    from .output.result import Result

TRIALS = 50
STUDIES = Path("studies")
CONTINUE = "Run the same command with --resume to continue."
UNITS = {"s": 1, "m": 60, "h": 3600}


def tune(
    context: typer.Context,
    name: options.NameArgument,
    *,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            help="Search space: LOW..HIGH, log:LOW..HIGH or VALUE,VALUE,... (repeatable).",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1, max=100_000, help="Total number of trials. [default: 50, or full grid]"
        ),
    ] = None,
    sampler: Annotated[
        Literal["tpe", "random", "grid"],
        typer.Option(help="Sampler, which chooses the next trial."),
    ] = "tpe",
    pruner: Annotated[
        Literal["halving", "none"], typer.Option(help="Pruner, which stops bad trials early.")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sampler.")] = 0,
    seeds: options.SeedsOption = None,
    set_options: options.SetOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    max_time: Annotated[
        str | None,
        typer.Option(metavar="10m", help="Stop after this time, e.g. 90s, 10m, 2h."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a study, or join a running one.")
    ] = False,
    study: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the study. [default: studies/NAME]"),
    ] = None,
    dry_run: options.DryRunOption = False,
    html: pages.HtmlOption = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Search for better settings on held-out images."""
    from zoo.analysis import search_space, studies
    from zoo.analysis import tune as library
    from zoo.analysis.search import Search
    from zoo.config.load import override
    from zoo.errors import ConfigError, install_hint
    from zoo.parallel.open_engine import parse_engine
    from zoo.report.tuning import html as page
    from zoo.training.jobs import register_dataset

    from .output import tune as output
    from .output.result import write

    if why := library.unavailable():
        raise ConfigError(why, hint=install_hint("tune"))
    if engine is not None:
        parse_engine(engine)
    options.check_not_an_input(html, [name, *([str(data)] if data else [])])
    changes = options.assignments(set_options)
    listed = options.find_complete_entry(name, changes, data)
    entry = listed.with_changes(changes)
    changed = listed.with_changes([*changes, *entry.validation_changes()])
    axes = search_space.parse(space or [])
    count = _count(axes, sampler, trials)
    folder = study or STUDIES / changed.name
    if studies.exists(folder) and not resume:
        raise ConfigError(
            f"{folder} already contains a study.",
            hint="Add --resume to continue it, or --study DIR for another folder.",
        )
    deadline = None if max_time is None else _deadline(max_time)
    if dry_run:
        dataset = options.local_data(changed.data, data)
    else:
        dataset = options.load_data(changed.data, data, offline=offline)
        register_dataset(dataset)
    search = Search(
        raw=override(listed.raw, [*changes, *entry.validation_changes()]),
        name=changed.name,
        space=axes,
        folder=folder.resolve(),
        sampler=sampler,
        pruner=pruner,
        seed=seed,
        seeds=options.parse_seeds(None, seeds, default=changed.train.seed),
        data_digest=dataset.digest if dataset else "",
        data_path=data.resolve() if data else None,
    )
    if dry_run:
        write(_plan(search, count, folder))
        return
    run_options = training_jobs.RunOptions(engine, jobs, retrain=False)
    failed = _run_trials(
        search, count, deadline, run_options, process_seed=secrets.randbits(32) if resume else 0
    )
    missing = count - studies.open_or_create(search)
    result = studies.read(search)
    _write_files(search, listed, changes, result)
    command = options.command_line(context)
    pages.write_page(html, partial(page, search, entry, result), command=command)
    write(output.study_result(search, entry, result, folder))
    time_is_over = deadline and deadline.is_over
    if time_is_over and result.best is None:
        terminal.warn(["No trial was completed within the time limit."])
    elif missing > 0 and not time_is_over:
        terminal.warn([f"{missing} of {count} trials were not completed. {CONTINUE}"])
        failed = True
    if failed or result.best is None:
        raise typer.Exit(1)


def _plan(search: Search, count: int, folder: Path) -> Result:
    """Return the result of --dry-run, after checking that the values fit together."""
    from zoo.analysis import search_space, studies

    from .output.tune import plan_result

    for values in search_space.grid_corners(search.space):
        search.entry(values, search.seeds[0])
    studies.check_files(search)
    trials = studies.read(search).trials
    finished = sum(trial.state in {"done", "pruned"} for trial in trials)
    return plan_result(search, folder, trials=count, finished=min(finished, count))


def _count(axes: Space, sampler: str, trials: int | None) -> int:
    """Return the number of trials."""
    from zoo.analysis import search_space

    if sampler != "grid":
        return trials or TRIALS
    n_combinations = len(search_space.combinations(axes))
    return min(trials or n_combinations, n_combinations)


def _deadline(text: str) -> Deadline:
    """Return the moment at which the time that --max-time gives is over."""
    from zoo.analysis.deadline import Deadline
    from zoo.errors import ConfigError

    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or not float(match[1]):
        raise ConfigError(
            f"--max-time needs a time, got {text!r}.", hint="For example: --max-time 10m"
        )
    return Deadline(float(match[1]) * UNITS[match[2] or "s"], time.monotonic)


def _run_trials(
    search: Search,
    count: int,
    deadline: Deadline | None,
    run_options: training_jobs.RunOptions,
    *,
    process_seed: int,
) -> bool:
    """Run the missing trials; return whether any of them failed."""
    from zoo.analysis import studies, study_rows
    from zoo.analysis import tune as library
    from zoo.formatting import percent
    from zoo.parallel.threads import one_thread
    from zoo.parallel.worker import Failure

    from .progress import TaskProgress

    n_finished = studies.open_or_create(search)
    missing = max(count - n_finished, 0)
    failed = False
    with (
        one_thread(),
        options.resolve_engine(run_options.engine, run_options.jobs, tasks=missing) as engine,
        TaskProgress(
            count, missing, "trials", time.monotonic, already=n_finished, hint=CONTINUE
        ) as progress,
    ):
        results = library.run_trials(
            search,
            engine,
            trials=count,
            n_finished=n_finished,
            deadline=deadline,
            clock=time.monotonic,
            process_seed=process_seed,
        )
        for trial in results:
            if isinstance(trial, Failure):
                failed = True
                progress.failed(f"a trial failed. {trial.reason} {trial.hint}".rstrip())
            elif trial:
                result = percent(trial.accuracy) if trial.accuracy is not None else trial.state
                progress.done(
                    1,
                    f"trial {trial.number}: {result} with {study_rows.values_words(trial.values)}",
                )
    return failed


def _write_files(
    search: Search, listed: CatalogEntry, changes: Sequence[tuple[str, object]], study: Study
) -> None:
    """Write the best settings as an entry, and the figure."""
    from zoo.analysis import studies
    from zoo.analysis.best_entry import best_toml
    from zoo.analysis.study_folder import BEST, PLOT
    from zoo.config.load import override
    from zoo.errors import ZooError
    from zoo.report.tuning import svg

    if study.best is None:
        return
    raw = override(listed.raw, changes)
    text = best_toml(search, raw, study.best, trials=len(study.trials), text=listed.text)
    figure = svg(search.name, study, search.space)
    try:
        studies.write_files(search, {BEST: text.encode(), PLOT: figure.encode()})
    except ZooError as error:
        error.hint = f"{error.hint} {CONTINUE}"
        raise
