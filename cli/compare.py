"""`zoo compare`: which recipes keep their README's promise, which is better, and what is noise."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - typer asks for it
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from zoo.analysis import baseline_jobs

from . import completion, options, training_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.compare import ComparisonItem, ModelSummary
    from zoo.config.catalog import Catalog
    from zoo.data.dataset import Dataset
    from zoo.training.jobs import TrainingJob

    from .output.compare import ComparisonView, ShownSections

SEEDS = 5  # that are trained where nobody says how many
MISTAKES = 8  # of each model, on the page
BETWEEN = "\x1f"  # the two names of a pair, on their way through the parser

Sort = Literal["name", "claim", "accuracy", "verdict", "parameters", "seconds", "pace"]


class PairCommand(TyperCommand):
    """The command as it reads its words: --pair takes two names and may be given several times."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Make the two words behind --pair one, since no option of several values repeats."""
        from zoo.errors import ConfigError

        joined, rest = [], iter(args)
        for word in rest:
            option, equals, first = word.partition("=")
            if option != "--pair":
                joined.append(word)
                continue
            two = [first or None if equals else next(rest, None), next(rest, None)]
            if any(one is None or one.startswith("-") for one in two):
                raise ConfigError("--pair needs two models, as in --pair A B.")
            joined += [option, BETWEEN.join(map(str, two))]
        return super().parse_args(ctx, joined)


def compare(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME | RUN | FILE.toml]...",
            help="What is compared; all entries, if none.",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    train: Annotated[bool, typer.Option("--train", help="Train what is missing.")] = False,
    seeds: options.SeedsOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train again what is there already.")
    ] = False,
    pair: Annotated[
        list[str] | None,
        typer.Option(metavar="A B", help="Test two models on the same pictures; repeatable."),
    ] = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="Show the settings that differ.")
    ] = False,
    per_class: Annotated[bool, typer.Option("--per-class", help="Show each digit.")] = False,
    curves: Annotated[bool, typer.Option("--curves", help="Show learning curves.")] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="sklearn,torch", help="Train the same with other people's code."),
    ] = None,
    sort: Annotated[Sort | None, typer.Option(help="The order of the rows.")] = None,
    json_: options.JsonOption = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print a Markdown table.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write everything as one page.")
    ] = None,
    fail_under: Annotated[
        str | None,
        typer.Option(metavar="accuracy=SHARE", help="Leave with 4 if a mean is below it."),
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Hold models against their claims and against each other, over many seeds."""
    from zoo.analysis import compare as library
    from zoo.config.catalog import read_catalog
    from zoo.errors import ConfigError, DisagreementError
    from zoo.formatting import setting
    from zoo.parallel.threads import one_thread

    from .output import compare as shown

    if json_ + csv_ + md > 1:
        raise ConfigError("--json, --csv and --md are three ways to print: choose one.")
    if not (train or against) and (fresh or jobs is not None or engine is not None):
        raise ConfigError("--jobs, --engine and --fresh are of trainings: --train makes some.")
    least = _least(fail_under)
    peers = _peers(against)
    options.check_not_an_input(html, [*(names or []), *([str(data)] if data else [])])
    catalog = read_catalog()
    options.warn(catalog.problems)
    couples = [words.split(BETWEEN) for words in pair or []]
    words = names or ([] if couples else list(catalog.entries))
    bare = not (names or couples)
    spared = _skipped(catalog, words) if bare and (train or peers) else frozenset()
    words = [*words, *(word for couple in couples for word in couple)]
    named = {word: library.find(word, catalog, runs=runs) for word in words}
    for first, second in couples:  # before anything is trained for it
        library.check_same_data(named[first], named[second])
    if train:  # then a run stands for its recipe
        named = {word: replace(subject, run=None) for word, subject in named.items()}
    chosen = options.parse_seeds(None, seeds or str(SEEDS), default=0)
    order = ComparisonRequest(runs, data, chosen, train, spared, every=not seeds, offline=offline)
    work = training_jobs.RunOptions(engine, jobs, fresh=fresh)
    with one_thread():
        found = _collect(library.distinct(named.values()), order, work, peers)
        rows = _sorted(found.standings, sort)
        by_word = {word: _of(rows, subject) for word, subject in named.items()}
        tested = library.pairs(
            [(by_word[first], by_word[second]) for first, second in couples], found.datasets
        )
    # where nobody said that it is there, nobody wonders why it is not
    absent = found.absent if data else dict.fromkeys(found.absent, "")
    comparison = shown.ComparisonView(rows, tested, found.contrasts, absent)
    if html:
        _write_page(html, comparison, options.command_line(context))
    if csv_:
        print(shown.as_csv(rows), end="")
    elif md:
        print(shown.as_markdown(rows), end="")
    else:
        sections = shown.ShownSections(settings=settings, per_class=per_class, curves=curves)
        _show(comparison, sections, json_=json_)
    options.warn(found.troubles)
    if found.troubles:
        raise typer.Exit(1)
    if least is not None and (below := library.below_threshold(rows, least)):
        raise DisagreementError(f"Not all reach {setting(least)}: {', '.join(below)}.")


def _skipped(catalog: Catalog, words: Sequence[str]) -> frozenset[str]:
    """Return whom a bare `--train` does not train: who claims nothing may take an hour a seed."""
    found = [word for word in words if not catalog.find(word).entry.claim]
    if found:
        said = "What makes no claim is trained only where it is named, and stands as recorded"
        options.warn([f"{said}: {', '.join(found)}."])
    return frozenset(found)


def _show(comparison: ComparisonView, sections: ShownSections, *, json_: bool) -> None:
    """Print what was found, for eyes or as objects."""
    from .output import compare as shown

    if json_:
        print(json.dumps(shown.objects(comparison, sections), allow_nan=False, indent=2))
        return
    console = options.console()
    colour = options.has_colour(console)
    options.terminal(*shown.page(comparison, sections, width=console.width, colour=colour))


def _write_page(path: Path, comparison: ComparisonView, command: str) -> None:
    """Write everything as one page, with the command that was given."""
    from zoo.files import write_atomically
    from zoo.report.comparison import html
    from zoo.training import run

    from .output import tables

    text = html(
        comparison.standings,
        pairs=comparison.pairs,
        contrasts=comparison.contrasts,
        mistakes=MISTAKES,
        command=command,
        versions=run.environment_info(),
    )
    write_atomically(path, text.encode())
    print(f"zoo: the page is {tables.plain(str(path))}", file=sys.stderr)


@dataclass(frozen=True)
class ComparisonRequest:
    """What is to be compared on: these seeds or every one that there is, of this data."""

    runs: Path
    data: Path | None
    seeds: Sequence[int]
    train: bool
    spared: frozenset[str]  # who is not trained all the same
    every: bool
    offline: bool

    def trains(self, subject: ComparisonItem) -> bool:
        """Whether what is missing of it is trained."""
        return self.train and subject.name not in self.spared


@dataclass(frozen=True)
class ComparisonData:
    """How everything stands, and what stood in the way."""

    standings: list[ModelSummary]
    datasets: dict[str, Dataset]
    absent: dict[str, str]
    contrasts: dict[str, list[BaselineResult]]
    troubles: list[str]


def _collect(
    subjects: Sequence[ComparisonItem],
    order: ComparisonRequest,
    work: training_jobs.RunOptions,
    peers: Sequence[str],
) -> ComparisonData:
    """Return how the subjects stand, trained before where that is asked for."""
    from zoo.analysis import compare as library
    from zoo.config import results
    from zoo.training import jobs as trainings

    datasets, absent = _data(subjects, order, fetch=order.train or bool(peers))
    for dataset in datasets.values():
        trainings.register_dataset(dataset)
    troubles: list[str] = []
    contrasts: dict[str, list[BaselineResult]] = {}
    wishes: dict[str, list[TrainingJob]] = {}
    if order.train or peers:
        asked = [one for one in subjects if one.name not in order.spared]
        troubles += [
            f"{one.name} could not be trained. {absent[one.entry.data.identity]}"
            for one in asked
            if one.entry.data.identity in absent
        ]
        wishes = {one.name: _jobs(one, order, datasets) for one in asked}
    if order.train:
        every = [wish for several in wishes.values() for wish in several]
        troubles += training_jobs.run_missing_jobs(every, order.runs, work)
    if peers:
        troubles += _run_baselines(wishes, contrasts, order, work, peers)
    local = library.by_recipe(trainings.finished_runs(order.runs))
    on_record = results.results_of(one.entry for one in subjects if not one.run)
    options.warn(on_record.faults)
    found = [
        library.summarize_model(
            subject,
            local,
            [] if order.trains(subject) else on_record.results.get(subject.entry.name, []),
            datasets.get(subject.entry.data.identity),
            seeds=order.seeds if order.trains(subject) or not order.every else None,
            clock=time.perf_counter,
        )
        for subject in subjects
    ]
    return ComparisonData(found, datasets, absent, contrasts, troubles)


def _least(wanted: str | None) -> float | None:
    """Return the accuracy that --fail-under asks for."""
    from zoo.errors import ConfigError

    if wanted is None:
        return None
    name, _, number = wanted.partition("=")
    try:
        least = float(number)
    except ValueError:
        least = -1.0
    if name != "accuracy" or not 0 <= least <= 1:
        raise ConfigError(
            f"--fail-under needs accuracy=SHARE, and got {wanted!r}.",
            hint="For example: --fail-under accuracy=0.90",
        )
    return least


def _data(
    subjects: Iterable[ComparisonItem], order: ComparisonRequest, *, fetch: bool
) -> tuple[dict[str, Dataset], dict[str, str]]:
    """Return the data that is at hand, and why the rest is not; to train on, it is fetched."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment
    from zoo.errors import ZooError

    found: dict[str, Dataset] = {}
    absent: dict[str, str] = {}
    wanted = {subject.entry.data.identity: subject.entry.data for subject in subjects}
    for identity, data in wanted.items():
        try:
            if fetch:
                found[identity] = options.load_data(data, order.data, offline=order.offline)
            else:
                found[identity] = load(data, locations_from_environment(order.data, offline=True))
        except ZooError as error:
            if order.data and not order.data.exists():
                raise
            absent[identity] = str(error)
    return found, absent


def _jobs(
    subject: ComparisonItem, order: ComparisonRequest, datasets: dict[str, Dataset]
) -> list[TrainingJob]:
    """Return the trainings of a subject that are wanted; none, if its data is not at hand."""
    from zoo.training.jobs import TrainingJob

    dataset = datasets.get(subject.entry.data.identity)
    if dataset is None:
        return []
    original = options.base_entry(subject.listed)
    given = order.data.resolve() if order.data else None
    entries = [subject.listed.with_changes([("train.seed", seed)]) for seed in order.seeds]
    return [
        TrainingJob(entry, dataset.digest, given, entry.differences(original)) for entry in entries
    ]


def _run_baselines(
    wishes: dict[str, list[TrainingJob]],
    contrasts: dict[str, list[BaselineResult]],
    order: ComparisonRequest,
    work: training_jobs.RunOptions,
    peers: Sequence[str],
) -> list[str]:
    """Let other people's code train the same; return who failed, and why."""
    from zoo.analysis.baselines import unsupported_reason
    from zoo.formatting import percent
    from zoo.parallel.worker import Failure

    troubles, missing = [], []
    for name, several in wishes.items():
        contrasts[name] = []
        for peer in peers if several else ():
            if why := unsupported_reason(peer, several[0].entry):
                options.warn([f"{name} is not trained by {peer}: {why}"])
                continue
            for wish in several:
                rivalry = baseline_jobs.BaselineJob(peer, wish, time.perf_counter)
                known = None if work.fresh else baseline_jobs.cached_baseline(rivalry, order.runs)
                if known:
                    contrasts[name].append(known)
                else:
                    missing.append((name, rivalry))
    names = [name for name, _ in missing]
    asked = [one for _, one in missing]
    with training_jobs.with_progress(
        [one.job for one in asked], work, "trainings by others"
    ) as at_work:
        engine, whole = at_work
        for place, found in baseline_jobs.train_baselines(asked, engine, runs=order.runs):
            rivalry = asked[place]
            words = f"{rivalry.job.label} by {rivalry.peer}"
            if isinstance(found, Failure):
                troubles.append(f"{words} failed. {found.reason} {found.hint}".rstrip())
                whole.done(rivalry.job.cost, f"{words} failed")
            else:
                contrasts[names[place]].append(found)
                said = f"{percent(found.accuracy)} on {found.split}"
                whole.done(rivalry.job.cost, f"{words}: {said}, {found.seconds:.2f} s")
    for several_ in contrasts.values():
        several_.sort(key=lambda one: (one.peer, one.seed))
    return troubles


def _peers(against: str | None) -> list[str]:
    """Return the peers that are asked for and installed; of the others it is said."""
    from zoo.analysis.baselines import is_not_installed

    asked = dict.fromkeys(word.strip() for word in (against or "").split(",") if word.strip())
    absent = {peer: why for peer in asked if (why := is_not_installed(peer))}
    options.warn(f"{why} It is left out." for why in absent.values())
    return [peer for peer in asked if peer not in absent]


def _sorted(found: list[ModelSummary], wanted: Sort | None) -> list[ModelSummary]:
    """Return the rows in the order that is asked for, the best first, and last those without."""
    from zoo.config.entry_paths import natural_sort_key

    verdicts = ["beaten", "reproduced", "missed"]
    keys: dict[Sort, Callable[[ModelSummary], Any]] = {
        "name": lambda one: natural_sort_key(one.name),
        "claim": lambda one: -one.entry.claim.value if one.entry.claim else None,
        "accuracy": lambda one: -one.summary.mean if one.summary else None,
        "verdict": lambda one: verdicts.index(one.verdict) if one.verdict else None,
        "parameters": lambda one: one.entry.parameters,
        "seconds": lambda one: one.seconds,
        "pace": lambda one: one.microseconds,
    }
    if wanted is None:
        return found
    value = keys[wanted]
    known = [one for one in found if value(one) is not None]
    return sorted(known, key=value) + [one for one in found if one not in known]


def _of(found: Sequence[ModelSummary], subject: ComparisonItem) -> ModelSummary:
    """Return the standing of a subject."""
    return next(one for one in found if one.item.place == subject.place)
