"""`zoo ablate`: what each ingredient of a recipe is worth."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer asks for it
from typing import TYPE_CHECKING, Annotated

import typer

from . import options, training_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.analysis.ablation import Ablation, Component
    from zoo.config.catalog import CatalogEntry
    from zoo.data.dataset import Dataset
    from zoo.training.jobs import TrainingJob

SEEDS = 5


def ablate(
    context: typer.Context,
    name: options.NameArgument,
    *,
    seeds: options.SeedsOption = None,
    set_: options.SetOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train again what is there already.")
    ] = False,
    json_: options.JsonOption = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print a Markdown table.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the table as a page.")
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Take the ingredients of a recipe away in turn and say what each is worth.

    It is judged on held-out training pictures: the test split is for those who do not choose by it.
    """
    from zoo.analysis import ablation as library
    from zoo.errors import ConfigError
    from zoo.parallel.threads import one_thread
    from zoo.training import jobs as trainings

    from .output import ablate as shown

    if json_ + csv_ + md > 1:
        raise ConfigError("--json, --csv and --md are three ways to print: choose one.")
    options.check_not_an_input(html, [name, *([str(data)] if data else [])])
    listed = options.find_entry(name)
    changes = options.assignments(set_)
    changes += listed.with_changes(changes).validation_changes()
    entry = listed.with_changes(changes)
    found = library.components(entry)
    if not found:
        raise ConfigError(
            f"{entry.name} has no ingredient that it could do without.",
            hint="digits-10-best has several.",
        )
    chosen = options.parse_seeds(None, seeds or str(SEEDS), default=0)
    dataset = options.load_data(entry.data, data, offline=offline)
    trainings.register_dataset(dataset)
    given = data.resolve() if data else None
    variants = [None, *found]
    wishes = [_jobs(listed, changes, one, chosen, dataset=dataset, given=given) for one in variants]
    work = training_jobs.RunOptions(engine, jobs, fresh=fresh)
    with one_thread():
        asked = [one for several in wishes for one in several]
        troubles = training_jobs.run_missing_jobs(asked, runs, work, told="validation")
    done = {one.key: one for one in trainings.finished_runs(runs)}
    reached = [
        {
            wish.entry.train.seed: done[wish.key].score("validation")["accuracy"]
            for wish in several
            if wish.key in done
        }
        for several in wishes
    ]
    whole, *without = reached
    result = library.ablation(
        entry, whole, list(zip(found, without, strict=True)), shipped=listed.entry.train.length
    )
    if html:
        _write_page(html, result, options.command_line(context))
    if json_:
        print(json.dumps(shown.objects(result), allow_nan=False, indent=2))
    elif csv_:
        print(shown.as_csv(result), end="")
    elif md:
        print(shown.as_markdown(result), end="")
    else:
        options.terminal(*shown.page(result))
    options.warn(troubles)
    if troubles:
        raise typer.Exit(1)


def _write_page(path: Path, found: Ablation, command: str) -> None:
    from zoo.files import write_atomically
    from zoo.report.ablation import html
    from zoo.training.environment import environment_info

    from .output import tables

    text = html(found, command=command, versions=environment_info())
    write_atomically(path, text.encode())
    print(f"zoo: the page is {tables.plain(str(path))}", file=sys.stderr)


def _jobs(
    listed: CatalogEntry,
    changes: Sequence[tuple[str, object]],
    without: Component | None,
    seeds: Sequence[int],
    *,
    dataset: Dataset,
    given: Path | None,
) -> list[TrainingJob]:
    """Return the trainings of the recipe without an ingredient, or of all of it."""
    from zoo.training.jobs import TrainingJob

    original = options.base_entry(listed)
    away = without.changes if without else ()
    entries = [listed.with_changes([*changes, *away, ("train.seed", seed)]) for seed in seeds]
    return [
        TrainingJob(
            entry,
            dataset.digest,
            given,
            entry.differences(original),
            variant=f"without {without.label}" if without else "",
        )
        for entry in entries
    ]
