"""`zoo runs`: list, show and remove run folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from . import completion, options, terminal

app = typer.Typer(
    help="List, show, find and remove runs.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Name or folder of a run.", autocompletion=completion.runs),
]


FolderOption = Annotated[Path | None, typer.Option("--runs", help="Folder of runs.")]


@app.callback()
def default(context: typer.Context, *, runs: options.RunsOption = options.RUNS) -> None:
    """List, show, find and remove runs; list them by default."""
    context.obj = runs  # --runs may precede or follow the subcommand
    if context.invoked_subcommand is None:
        list_runs(context)


@app.command("list")
def list_runs(
    context: typer.Context, *, runs: FolderOption = None, as_json: options.JsonOption = False
) -> None:
    """List the runs with their status and accuracy."""
    from zoo.errors import ZooError
    from zoo.training.runs import all_runs

    from .output import runs as output

    folder: Path = runs or context.obj
    rows = []
    for run in all_runs(folder):
        try:
            facts = run.metadata
            rows.append((run.name, run.status(facts), facts))
        except ZooError as error:
            terminal.warn([str(error)])
    if as_json:
        print(json.dumps([facts | {"run": name, "status": status} for name, status, facts in rows]))
    elif rows:
        terminal.show(output.run_table(rows))
    else:
        terminal.warn([f"{folder} contains no runs; run `zoo train digits-10` to make one."])


@app.command()
def show(
    context: typer.Context,
    name: RunArgument,
    *,
    runs: FolderOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Show the metadata of a run."""
    from zoo.training.runs import find_run

    from .output import runs as output

    run = find_run(runs or context.obj, name)
    facts = run.metadata
    status = run.status(facts)
    if as_json:
        print(json.dumps(facts | {"run": run.name, "status": status}, indent=2))
    else:
        terminal.show(output.run_page(run, status, facts))


@app.command()
def path(context: typer.Context, name: RunArgument, *, runs: FolderOption = None) -> None:
    """Print the folder of a run."""
    from zoo.training.runs import find_run

    print(find_run(runs or context.obj, name).path)


@app.command()
def rm(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Names or folders of runs.", autocompletion=completion.runs
        ),
    ],
    *,
    runs: FolderOption = None,
) -> None:
    """Delete runs, or none if one is training."""
    from zoo.training.runs import find_run

    requested = [find_run(runs or context.obj, name) for name in names]
    runs_to_remove = list({run.path.resolve(): run for run in requested}.values())
    for run in runs_to_remove:
        run.lock()
    for run in runs_to_remove:
        run.remove()
