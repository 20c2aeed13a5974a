"""`zoo compare`: claimed and measured accuracies, and pairwise significance."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, NamedTuple, get_args

import typer

from . import baseline_jobs, completion, options, pages, terminal, training_jobs
from . import compare_trainings as trainings
from .data_entries import find_data_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zoo.analysis.compare import ComparisonItem
    from zoo.analysis.comparison import Column


SEEDS = 5  # without --seeds
MISTAKES = 8  # per model on the HTML page
SORT = "name|claim|accuracy|verdict|parameters|seconds|speed"
OLD_COLUMNS = {"pace": "speed"}


def compare(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs, TOML files or data. [default: all entries]",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    train: Annotated[bool, typer.Option("--train", help="Train the missing seeds.")] = False,
    seeds: options.SeedsOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    retrain: options.RetrainOption = False,
    fresh: options.FreshOption = False,
    dry_run: options.DryRunOption = False,
    pair: Annotated[
        list[str] | None,
        typer.Option(metavar="A,B", help="Test two models on the same images (repeatable)."),
    ] = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="Show the settings that differ.")
    ] = False,
    per_class: Annotated[
        bool, typer.Option("--per-class", help="Show recall and precision per class.")
    ] = False,
    curves: Annotated[bool, typer.Option("--curves", help="Show learning curves.")] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="sklearn,torch", help="Train the same recipes in other libraries."),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=1000, metavar="K", help="Train, and test on each of K parts."),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar=SORT, help="Sort the rows by this column.")
    ] = None,
    html: pages.HtmlOption = None,
    fail_under: Annotated[
        str | None,
        typer.Option(metavar="accuracy=SHARE", help="Exit with 4 if a mean is below."),
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Compare models with their claims and each other."""
    from zoo.analysis import comparison as library
    from zoo.errors import ConfigError, DisagreementError
    from zoo.formatting import setting
    from zoo.parallel.threads import one_thread
    from zoo.report.comparison import html as page

    from .output import compare as output
    from .output.result import write

    if folds:
        if seeds:
            raise ConfigError("--folds and --seeds exclude each other: each part is one training.")
        train, seeds = True, str(folds)
    needs_training = retrain or fresh or dry_run or jobs is not None or engine is not None
    if needs_training and not (train or against):
        raise ConfigError("--jobs, --engine, --retrain and --dry-run need --train or --against.")
    sections = {
        "--pair": pair,
        "--settings": settings,
        "--per-class": per_class,
        "--curves": curves,
        "--against": against,
    }
    _check_format([option for option, value in sections.items() if value])
    threshold = _threshold(fail_under)
    column = _column(sort)
    peers = baseline_jobs.installed(against)
    options.check_not_an_input(html, [*(names or []), *([str(data)] if data else [])])
    pairs = [_pair(text) for text in pair or []]
    selection = _selection(names, pairs, runs, train=train, folds=folds)
    request = library.ComparisonRequest(
        selection.items,
        selection.couples,
        runs=runs,
        seeds=options.parse_seeds(None, seeds or str(SEEDS), default=0),
        all_seeds=not seeds,
        train=train,
        peers=peers,
        skipped=_skipped(selection) if selection.is_default and (train or peers) else (),
        sort=column,
    )
    run_options = training_jobs.RunOptions(engine, jobs, retrain=retrain or fresh)
    with one_thread():
        fetch = bool(request.trainable) and not dry_run
        datasets, missing_data = trainings.load_datasets(
            request.items, data, fetch=fetch, offline=offline
        )
        jobs_by_name = trainings.jobs_of_models(request, datasets, data, include_missing=dry_run)
        if dry_run:
            write(trainings.plan_result(request, jobs_by_name, run_options, missing_data))
            return
        baselines, failures = trainings.train_missing(
            request, jobs_by_name, run_options, missing_data
        )
        result = library.compare_models(
            request,
            datasets,
            baselines=baselines,
            # without --data, the reason why data is missing is not shown
            missing_data=missing_data if data else dict.fromkeys(missing_data, ""),
            clock=time.perf_counter,
        )
    terminal.warn(result.warnings)
    command = options.command_line(context)
    pages.write_page(html, partial(page, result, mistakes=MISTAKES), command=command)
    shown = output.ShownSections(settings=settings, per_class=per_class, curves=curves)
    write(output.comparison_result(result, shown))
    terminal.warn(failures)
    if failures:
        raise typer.Exit(1)
    if threshold is not None and (below := library.below_threshold(result.summaries, threshold)):
        raise DisagreementError(f"Below {setting(threshold)}: {', '.join(below)}.")


def _check_format(sections: Sequence[str]) -> None:
    """Raise if the output is CSV, whose rows have the columns of the table alone."""
    from zoo.errors import ConfigError

    from .output_options import settings

    if sections and settings.get().output_format == "csv":
        raise ConfigError(
            f"{sections[0]} has no columns in CSV; expected --format json, jsonl, md or table.",
        )


def _pair(text: str) -> tuple[str, str]:
    """Return the two names of --pair."""
    from zoo.errors import ConfigError

    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise ConfigError(f"--pair needs two models, e.g. --pair A,B; got {text!r}.")
    return names[0], names[1]


def _threshold(text: str | None) -> float | None:
    """Return the threshold of --fail-under."""
    from zoo.errors import ConfigError

    if text is None:
        return None
    name, _, number = text.partition("=")
    try:
        threshold = float(number)
    except ValueError:
        threshold = -1.0
    if name != "accuracy" or not 0 <= threshold <= 1:
        raise ConfigError(
            f"--fail-under needs accuracy=SHARE, got {text!r}.",
            hint="For example: --fail-under accuracy=0.90",
        )
    return threshold


def _column(name: str | None) -> Column | None:
    """Return the column of --sort."""
    from zoo.analysis.comparison import Column
    from zoo.errors import ConfigError

    if name is None:
        return None
    columns: dict[str, Column] = {column: column for column in get_args(Column)}
    if (column := columns.get(OLD_COLUMNS.get(name, name))) is None:
        raise ConfigError(f"--sort: expected {', '.join(columns)}, got {name!r}.")
    return column


class Selection(NamedTuple):
    """The models that the command line names, and its pairs."""

    items: list[ComparisonItem]
    couples: list[tuple[ComparisonItem, ComparisonItem]]
    is_default: bool  # all entries, since none is named


def _selection(
    names: list[str] | None,
    pairs: list[tuple[str, str]],
    runs: Path,
    *,
    train: bool,
    folds: int | None,
) -> Selection:
    """Return the named models, or all entries; with --train the recipe of a run is compared."""
    from zoo.analysis import compare as library
    from zoo.analysis.pairwise import check_same_data
    from zoo.config.catalog import read_catalog
    from zoo.data.own.data_entry import is_data

    catalog = read_catalog()
    terminal.warn(catalog.problems)
    is_default = not (names or pairs)
    all_names = list(catalog.entries) if is_default else [*(names or ()), *chain(*pairs)]
    items = {
        name: _data_item(name) if is_data(name) else library.find(name, catalog, runs=runs)
        for name in all_names
    }
    items = dict(_complete(items, is_default=is_default))
    if folds:
        items = {name: library.in_folds(item, folds) for name, item in items.items()}
    for first, second in pairs:  # before any training
        check_same_data(items[first], items[second])
    if train:
        items = {name: replace(item, run=None) for name, item in items.items()}
    couples = [(items[first], items[second]) for first, second in pairs]
    return Selection(library.distinct(items.values()), couples, is_default)


def _data_item(name: str) -> ComparisonItem:
    from zoo.analysis.compare import ComparisonItem

    listed = find_data_entry(name)
    return ComparisonItem(listed.entry.name, listed)


def _complete(
    items: Mapping[str, ComparisonItem], *, is_default: bool
) -> Iterator[tuple[str, ComparisonItem]]:
    """Yield the items with what is found in their files; of all entries, those that are there."""
    from zoo.data.own.load import completed
    from zoo.errors import ZooError

    for name, item in items.items():
        try:
            yield name, replace(item, listed=completed(item.listed))
        except ZooError as error:
            if not is_default:
                raise
            terminal.warn([f"{name} is left out. {error}"])


def _skipped(selection: Selection) -> set[str]:
    """Return the models without a claim, which a bare `--train` skips: an hour a seed."""
    skipped = [item.name for item in selection.items if not item.entry.claim]
    if skipped:
        message = (
            "Models without a claim are trained only by name; their recorded results are shown"
        )
        terminal.warn([f"{message}: {', '.join(skipped)}."])
    return set(skipped)
