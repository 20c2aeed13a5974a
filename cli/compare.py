"""`zoo compare`: claimed and measured accuracies, and pairwise significance."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from . import completion, options, terminal, training_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.compare import ComparisonItem, ModelSummary
    from zoo.config.catalog import Catalog
    from zoo.data.dataset import Dataset
    from zoo.training.jobs import TrainingJob

    from .output.compare import ComparisonView, ShownSections

SEEDS = 5  # without --seeds
MISTAKES = 8  # per model on the HTML page

Sort = Literal["name", "claim", "accuracy", "verdict", "parameters", "seconds", "pace"]


def compare(  # noqa: PLR0915 - a statement a step
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or TOML files. [default: all entries]",
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
    sort: Annotated[Sort | None, typer.Option(help="Sort the rows by this column.")] = None,
    as_json: options.JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_md: Annotated[bool, typer.Option("--md", help="Print a Markdown table.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the comparison as an HTML page.")
    ] = None,
    fail_under: Annotated[
        str | None,
        typer.Option(metavar="accuracy=SHARE", help="Exit with 4 if a mean is below."),
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Compare models with their claims and each other."""
    from zoo.analysis import compare as library
    from zoo.analysis import pairwise
    from zoo.config.catalog import read_catalog
    from zoo.errors import ConfigError, DisagreementError
    from zoo.formatting import setting
    from zoo.parallel.threads import one_thread

    from .output import compare as output
    from .output import compare_json

    if as_json + as_csv + as_md > 1:
        raise ConfigError("--json, --csv and --md exclude each other; choose one.")
    if not (train or against) and (retrain or fresh or jobs is not None or engine is not None):
        raise ConfigError("--jobs, --engine and --retrain need --train or --against.")
    threshold = _threshold(fail_under)
    peers = _peers(against)
    options.check_not_an_input(html, [*(names or []), *([str(data)] if data else [])])
    catalog = read_catalog()
    terminal.warn(catalog.problems)
    name_pairs = [_pair(text) for text in pair or []]
    all_names = names or ([] if name_pairs else list(catalog.entries))
    all_entries = not (names or name_pairs)
    skipped = _skipped(catalog, all_names) if all_entries and (train or peers) else frozenset()
    all_names = [*all_names, *(name for name_pair in name_pairs for name in name_pair)]
    items = {name: library.find(name, catalog, runs=runs) for name in all_names}
    for first, second in name_pairs:  # before any training
        pairwise.check_same_data(items[first], items[second])
    if train:  # compare the recipe of a run, not its weights
        items = {name: replace(item, run=None) for name, item in items.items()}
    seed_list = options.parse_seeds(None, seeds or str(SEEDS), default=0)
    request = ComparisonRequest(
        runs, data, seed_list, train, skipped, all_seeds=not seeds, offline=offline
    )
    run_options = training_jobs.RunOptions(engine, jobs, retrain=retrain or fresh)
    with one_thread():
        results = _collect(library.distinct(items.values()), request, run_options, peers)
        summaries = _sorted(results.summaries, sort)
        by_name = {name: _summary_of(summaries, item) for name, item in items.items()}
        pairs = pairwise.pairs(
            [(by_name[first], by_name[second]) for first, second in name_pairs], results.datasets
        )
    # without --data, the reason why data is missing is not shown
    missing_data = results.missing_data if data else dict.fromkeys(results.missing_data, "")
    comparison = output.ComparisonView(summaries, pairs, results.baselines, missing_data)
    if html:
        _write_page(html, comparison, options.command_line(context))
    if as_csv:
        print(compare_json.as_csv(summaries), end="")
    elif as_md:
        print(output.as_markdown(summaries), end="")
    else:
        sections = output.ShownSections(settings=settings, per_class=per_class, curves=curves)
        _show(comparison, sections, as_json=as_json)
    terminal.warn(results.failures)
    if results.failures:
        raise typer.Exit(1)
    if threshold is not None and (below := library.below_threshold(summaries, threshold)):
        raise DisagreementError(f"Below {setting(threshold)}: {', '.join(below)}.")


def _pair(text: str) -> tuple[str, str]:
    """Return the two names of --pair."""
    from zoo.errors import ConfigError

    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise ConfigError(f"--pair needs two models, e.g. --pair A,B; got {text!r}.")
    return names[0], names[1]


def _skipped(catalog: Catalog, names: Sequence[str]) -> frozenset[str]:
    """Return the models without a claim, which a bare `--train` skips: an hour a seed."""
    skipped = [name for name in names if not catalog.find(name).entry.claim]
    if skipped:
        message = (
            "Models without a claim are trained only by name; their recorded results are shown"
        )
        terminal.warn([f"{message}: {', '.join(skipped)}."])
    return frozenset(skipped)


def _show(comparison: ComparisonView, sections: ShownSections, *, as_json: bool) -> None:
    """Print the comparison as tables or as JSON."""
    from .output import compare as output
    from .output import compare_json

    if as_json:
        print(json.dumps(compare_json.objects(comparison, sections), allow_nan=False, indent=2))
        return
    console = terminal.console()
    colour = terminal.has_colour(console)
    terminal.show(*output.page(comparison, sections, width=console.width, colour=colour))


def _write_page(path: Path, comparison: ComparisonView, command: str) -> None:
    """Write the comparison as one HTML page, with the command line."""
    from zoo.files import write_atomically
    from zoo.report.comparison import html
    from zoo.training.environment import environment_info

    from .output import tables

    text = html(
        comparison.summaries,
        pairs=comparison.pairs,
        contrasts=comparison.baselines,
        mistakes=MISTAKES,
        command=command,
        versions=environment_info(),
    )
    write_atomically(path, text.encode())
    print(f"zoo: wrote {tables.plain(str(path))}", file=sys.stderr)


@dataclass(frozen=True)
class ComparisonRequest:
    """The options of a comparison: runs, data, seeds and training."""

    runs: Path
    data: Path | None
    seeds: Sequence[int]
    train: bool
    skipped: frozenset[str]  # models that are not trained
    all_seeds: bool
    offline: bool

    def trains(self, item: ComparisonItem) -> bool:
        """Whether the missing seeds of a model are trained."""
        return self.train and item.name not in self.skipped


@dataclass(frozen=True)
class ComparisonData:
    """The summaries of all models, the datasets, and the problems."""

    summaries: list[ModelSummary]
    datasets: dict[str, Dataset]
    missing_data: dict[str, str]  # dataset: reason
    baselines: dict[str, list[BaselineResult]]
    failures: list[str]


def _collect(
    items: Sequence[ComparisonItem],
    request: ComparisonRequest,
    run_options: training_jobs.RunOptions,
    peers: Sequence[str],
) -> ComparisonData:
    """Return the summaries of the models, after training the missing seeds if requested."""
    from zoo.analysis import compare as library
    from zoo.config import results
    from zoo.training.jobs import finished_runs, register_dataset

    datasets, missing_data = _data(items, request, fetch=request.train or bool(peers))
    for dataset in datasets.values():
        register_dataset(dataset)
    failures: list[str] = []
    baselines: dict[str, list[BaselineResult]] = {}
    jobs: dict[str, list[TrainingJob]] = {}
    if request.train or peers:
        trained = [item for item in items if item.name not in request.skipped]
        failures += [
            f"{item.name} could not be trained. {missing_data[item.entry.data.identity]}"
            for item in trained
            if item.entry.data.identity in missing_data
        ]
        jobs = {item.name: _jobs(item, request, datasets) for item in trained}
    if request.train:
        all_jobs = [job for item_jobs in jobs.values() for job in item_jobs]
        failures += training_jobs.run_missing_jobs(all_jobs, request.runs, run_options)
    if peers:
        failures += _run_baselines(jobs, baselines, request, run_options, peers)
    local_runs = library.group_by_recipe(finished_runs(request.runs))
    recorded = results.results_of(item.entry for item in items if not item.run)
    terminal.warn(recorded.problems)
    summaries = [
        library.summarize_model(
            item,
            local_runs,
            [] if request.trains(item) else recorded.results.get(item.entry.name, []),
            datasets.get(item.entry.data.identity),
            seeds=request.seeds if request.trains(item) or not request.all_seeds else None,
            clock=time.perf_counter,
        )
        for item in items
    ]
    return ComparisonData(summaries, datasets, missing_data, baselines, failures)


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


def _data(
    items: Iterable[ComparisonItem], request: ComparisonRequest, *, fetch: bool
) -> tuple[dict[str, Dataset], dict[str, str]]:
    """Return the available datasets, and why others are missing; `fetch` downloads them."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment
    from zoo.errors import ZooError

    datasets: dict[str, Dataset] = {}
    missing: dict[str, str] = {}
    configs = {item.entry.data.identity: item.entry.data for item in items}
    for identity, data in configs.items():
        try:
            if fetch:
                datasets[identity] = options.load_data(data, request.data, offline=request.offline)
            else:
                datasets[identity] = load(
                    data, locations_from_environment(request.data, offline=True)
                )
        except ZooError as error:
            if request.data and not request.data.exists():
                raise
            missing[identity] = str(error)
    return datasets, missing


def _jobs(
    item: ComparisonItem, request: ComparisonRequest, datasets: dict[str, Dataset]
) -> list[TrainingJob]:
    """Return the training jobs of a model; none if its data is missing."""
    from zoo.training.jobs import TrainingJob

    dataset = datasets.get(item.entry.data.identity)
    if dataset is None:
        return []
    original = options.base_entry(item.listed)
    path = request.data.resolve() if request.data else None
    entries = [item.listed.with_changes([("train.seed", seed)]) for seed in request.seeds]
    text = item.listed.text
    return [
        TrainingJob(entry, dataset.digest, path, entry.differences(original), text=text)
        for entry in entries
    ]


def _run_baselines(
    jobs: dict[str, list[TrainingJob]],
    baselines: dict[str, list[BaselineResult]],
    request: ComparisonRequest,
    run_options: training_jobs.RunOptions,
    peers: Sequence[str],
) -> list[str]:
    """Train the same recipes in other libraries; return a message for each failure."""
    from zoo.analysis.baselines import unsupported_reason
    from zoo.analysis.baselines.jobs import BaselineJob, cached_baseline, train_baselines
    from zoo.formatting import percent
    from zoo.parallel.worker import Failure

    failures, missing = [], []
    for name, name_jobs in jobs.items():
        baselines[name] = []
        for peer in peers if name_jobs else ():
            if reason := unsupported_reason(peer, name_jobs[0].entry):
                terminal.warn([f"{name} is not trained by {peer}: {reason}"])
                continue
            for job in name_jobs:
                baseline_job = BaselineJob(peer, job, time.perf_counter)
                cached = (
                    None if run_options.retrain else cached_baseline(baseline_job, request.runs)
                )
                if cached:
                    baselines[name].append(cached)
                else:
                    missing.append((name, baseline_job))
    names = [name for name, _ in missing]
    baseline_jobs = [baseline_job for _, baseline_job in missing]
    with training_jobs.with_progress(
        [baseline_job.job for baseline_job in baseline_jobs], run_options, "baseline trainings"
    ) as (engine, progress):
        for index, result in train_baselines(baseline_jobs, engine, runs=request.runs):
            baseline_job = baseline_jobs[index]
            label = f"{baseline_job.job.label} by {baseline_job.peer}"
            if isinstance(result, Failure):
                failures.append(f"{label} failed. {result.reason} {result.hint}".rstrip())
                progress.done(baseline_job.job.cost, f"{label} failed")
            else:
                baselines[names[index]].append(result)
                score = f"{percent(result.accuracy)} on {result.split}"
                progress.done(baseline_job.job.cost, f"{label}: {score}, {result.seconds:.2f} s")
    for results in baselines.values():
        results.sort(key=lambda result: (result.peer, result.seed))
    return failures


def _peers(against: str | None) -> list[str]:
    """Return the requested peers that are installed, and warn about the others."""
    from zoo.analysis.baselines import is_not_installed

    requested = dict.fromkeys(peer.strip() for peer in (against or "").split(",") if peer.strip())
    missing = {peer: reason for peer in requested if (reason := is_not_installed(peer))}
    terminal.warn(f"{reason} It was skipped." for reason in missing.values())
    return [peer for peer in requested if peer not in missing]


def _sorted(summaries: list[ModelSummary], column: Sort | None) -> list[ModelSummary]:
    """Return the summaries sorted by a column, the best first and missing values last."""
    from zoo.config.entry_paths import natural_sort_key

    verdicts = ["beaten", "reproduced", "missed"]
    keys: dict[Sort, Callable[[ModelSummary], Any]] = {
        "name": lambda summary: natural_sort_key(summary.name),
        "claim": lambda summary: -summary.entry.claim.value if summary.entry.claim else None,
        "accuracy": lambda summary: -summary.summary.mean if summary.summary else None,
        "verdict": lambda summary: verdicts.index(summary.verdict) if summary.verdict else None,
        "parameters": lambda summary: summary.entry.parameters,
        "seconds": lambda summary: summary.seconds,
        "pace": lambda summary: summary.microseconds,
    }
    if column is None:
        return summaries
    value = keys[column]
    present = [summary for summary in summaries if value(summary) is not None]
    return sorted(present, key=value) + [summary for summary in summaries if summary not in present]


def _summary_of(summaries: Sequence[ModelSummary], item: ComparisonItem) -> ModelSummary:
    """Return the summary of an item."""
    return next(summary for summary in summaries if summary.item.identity == item.identity)
