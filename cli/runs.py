"""`zoo runs`: the run folders that there are."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from . import options

app = typer.Typer(help="List, show, find and remove runs.", invoke_without_command=True)
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run: its name or its folder.")]


@app.callback()
def default(context: typer.Context, *, runs: options.RunsOption = options.RUNS) -> None:
    """List, show, find and remove runs; alone it lists."""
    if context.invoked_subcommand is None:
        list_runs(runs=runs)


@app.command("list")
def list_runs(
    *, runs: options.RunsOption = options.RUNS, json_: options.JsonOption = False
) -> None:
    """List the runs with how they ended."""
    from zoo import store
    from zoo.errors import ZooError

    from . import render

    rows = []
    for run in store.all_runs(runs):
        try:
            facts = run.facts
            rows.append((run.name, store.status(facts), facts))
        except ZooError as error:
            options.warn([str(error)])
    if json_:
        print(json.dumps([facts | {"run": name, "status": status} for name, status, facts in rows]))
    elif rows:
        options.console().print(render.run_table(rows))
    else:
        options.warn([f"{runs} holds no runs yet; `zoo train digits-10` makes one."])


@app.command()
def show(
    name: RunArgument,
    *,
    runs: options.RunsOption = options.RUNS,
    json_: options.JsonOption = False,
) -> None:
    """Show what is on record of a run."""
    from zoo import store

    from . import render

    run = store.find(runs, name)
    facts = run.facts
    status = store.status(facts)
    if json_:
        print(json.dumps(facts | {"run": run.name, "status": status}, indent=2))
    else:
        options.console().print(render.run_page(run, status, facts))


@app.command()
def path(name: RunArgument, *, runs: options.RunsOption = options.RUNS) -> None:
    """Print the folder of a run."""
    from zoo import store

    print(store.find(runs, name).path)


@app.command()
def rm(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to delete.")],
    *,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Delete runs; one that is being trained is left alone."""
    from zoo import store
    from zoo.errors import ConfigError

    found = [store.find(runs, name) for name in names]
    for run in found:
        if store.is_alive(run.facts):
            raise ConfigError(f"{run.name} is being trained; nothing was deleted.")
    for run in found:
        run.remove()
