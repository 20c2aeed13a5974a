"""`zoo ablate`: the effect of each component of a recipe (an ablation study)."""

from __future__ import annotations

from functools import partial

import typer

from . import options, pages, terminal, training_jobs

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
    dry_run: options.DryRunOption = False,
    html: pages.HtmlOption = None,
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
    from zoo.report.ablation import html as page
    from zoo.training.jobs import register_dataset

    from .output.ablate import ablation_result
    from .output.plan import trainings_result
    from .output.result import write

    options.check_not_an_input(html, [name, *([str(data)] if data else [])])
    changes = options.assignments(set_options)
    listed = options.find_complete_entry(name, changes, data)
    changes += listed.with_changes(changes).validation_changes()
    entry = listed.with_changes(changes)
    components = library.components(entry)
    if not components:
        raise ConfigError(
            f"{entry.name} does not have a component that can be removed.",
            hint="Try digits-10-best, which has several.",
        )
    seed_list = options.parse_seeds(None, seeds or str(SEEDS), default=0)
    run_options = training_jobs.RunOptions(engine, jobs, retrain=retrain or fresh)
    if dry_run:
        dataset = options.local_data(entry.data, data)
    else:
        dataset = options.load_data(entry.data, data, offline=offline)
        register_dataset(dataset)
    jobs_by_variant = [
        training_jobs.jobs_of(
            listed,
            seed_list,
            dataset.digest if dataset else "",
            data,
            changes=[*changes, *(without.changes if without else ())],
            variant=f"without {without.label}" if without else "",
            for_choice=True,
            command="ablate",
        )
        for without in (None, *components)
    ]
    all_jobs = [job for variant_jobs in jobs_by_variant for job in variant_jobs]
    if dry_run:
        plan = training_jobs.planned(all_jobs, runs, run_options)
        write(trainings_result(plan, [] if dataset else [entry.data.source.title]))
        return
    with one_thread():
        failures = training_jobs.run_missing_jobs(all_jobs, runs, run_options)
    finished = training_jobs.runs_for(all_jobs, runs)
    full, *removed = [
        {
            job.entry.train.seed: finished[job.key].score("validation")["accuracy"]
            for job in variant_jobs
            if job.key in finished
        }
        for variant_jobs in jobs_by_variant
    ]
    result = library.ablation(
        entry,
        full,
        list(zip(components, removed, strict=True)),
        recipe_length=listed.entry.train.length,
    )
    pages.write_page(html, partial(page, result), command=options.command_line(context))
    write(ablation_result(result))
    terminal.warn(failures)
    if failures:
        raise typer.Exit(1)
