"""`zoo ablate`: the effect of each component of a recipe (an ablation study)."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from . import options, terminal, training_jobs

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
    set_options: options.SetOption = None,
    jobs: options.JobsOption = None,
    engine: options.EngineOption = None,
    retrain: options.RetrainOption = False,
    fresh: options.FreshOption = False,
    as_json: options.JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_md: Annotated[bool, typer.Option("--md", help="Print a Markdown table.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the table as an HTML page.")
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Measure the effect of each recipe component (ablation).

    Accuracy is measured on held-out training images; the test split is not used to choose recipes.
    """
    from zoo.analysis import ablation as library
    from zoo.errors import ConfigError
    from zoo.parallel.threads import one_thread
    from zoo.training.jobs import finished_runs, register_dataset

    from .output import ablate as output

    if as_json + as_csv + as_md > 1:
        raise ConfigError("--json, --csv and --md exclude each other; choose one.")
    options.check_not_an_input(html, [name, *([str(data)] if data else [])])
    listed = options.find_entry(name)
    changes = options.assignments(set_options)
    changes += listed.with_changes(changes).validation_changes()
    entry = listed.with_changes(changes)
    components = library.components(entry)
    if not components:
        raise ConfigError(
            f"{entry.name} does not have a component that can be removed.",
            hint="Try digits-10-best, which has several.",
        )
    seed_list = options.parse_seeds(None, seeds or str(SEEDS), default=0)
    dataset = options.load_data(entry.data, data, offline=offline)
    register_dataset(dataset)
    data_path = data.resolve() if data else None
    variants = [None, *components]
    jobs_by_variant = [
        _jobs(listed, changes, variant, seed_list, dataset=dataset, data_path=data_path)
        for variant in variants
    ]
    run_options = training_jobs.RunOptions(engine, jobs, retrain=retrain or fresh)
    with one_thread():
        all_jobs = [job for variant_jobs in jobs_by_variant for job in variant_jobs]
        failures = training_jobs.run_missing_jobs(all_jobs, runs, run_options, split="validation")
    finished = {run.key: run for run in finished_runs(runs)}
    accuracies = [
        {
            job.entry.train.seed: finished[job.key].score("validation")["accuracy"]
            for job in variant_jobs
            if job.key in finished
        }
        for variant_jobs in jobs_by_variant
    ]
    full, *removed = accuracies
    result = library.ablation(
        entry,
        full,
        list(zip(components, removed, strict=True)),
        recipe_length=listed.entry.train.length,
    )
    if html:
        _write_page(html, result, options.command_line(context))
    if as_json:
        print(json.dumps(output.objects(result), allow_nan=False, indent=2))
    elif as_csv:
        print(output.as_csv(result), end="")
    elif as_md:
        print(output.as_markdown(result), end="")
    else:
        terminal.show(*output.page(result))
    terminal.warn(failures)
    if failures:
        raise typer.Exit(1)


def _write_page(path: Path, ablation: Ablation, command: str) -> None:
    from zoo.files import write_atomically
    from zoo.report.ablation import html
    from zoo.training.environment import environment_info

    from .output import tables

    text = html(ablation, command=command, versions=environment_info())
    write_atomically(path, text.encode())
    print(f"zoo: wrote {tables.plain(str(path))}", file=sys.stderr)


def _jobs(
    listed: CatalogEntry,
    changes: Sequence[tuple[str, object]],
    without: Component | None,
    seeds: Sequence[int],
    *,
    dataset: Dataset,
    data_path: Path | None,
) -> list[TrainingJob]:
    """Return the jobs of the recipe without a component, or of the full recipe."""
    from zoo.training.jobs import TrainingJob

    original = options.base_entry(listed)
    removed = without.changes if without else ()
    entries = [listed.with_changes([*changes, *removed, ("train.seed", seed)]) for seed in seeds]
    return [
        TrainingJob(
            entry,
            dataset.digest,
            data_path,
            entry.differences(original),
            variant=f"without {without.label}" if without else "",
            text=listed.text,
        )
        for entry in entries
    ]
