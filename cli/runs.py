"""`zoo runs`: list, show, find and delete runs, and what is left of some."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options, terminal
from .command import command, group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.training.run import Run

app = group("List, show, find and delete runs.")
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Name or folder of a run.", autocompletion=completion.runs),
]


@command(app, "list")
def list_runs(*, runs: options.RunsOption = options.RUNS) -> None:
    """List the runs with their status and accuracy."""
    from zoo.errors import ZooError
    from zoo.training.runs import all_runs

    from .output import runs as output
    from .output.result import write

    rows = []
    for run in all_runs(runs):
        try:
            metadata = run.metadata
            rows.append((run.name, run.status(metadata), metadata))
        except ZooError as error:
            terminal.warn([str(error)])
    write(output.runs_result(rows))
    if not rows:
        terminal.warn([f"{runs} contains no runs; run `zoo train digits-10` to make one."])


@command(app, "show")
def show(name: RunArgument, *, runs: options.RunsOption = options.RUNS) -> None:
    """Show the metadata of a run."""
    from zoo.training.runs import find_run

    from .output import runs as output
    from .output.result import write

    write(output.run_result(find_run(runs, name)))


@command(app, "path")
def path(name: RunArgument, *, runs: options.RunsOption = options.RUNS) -> None:
    """Print the folder of a run."""
    from zoo.training.runs import find_run

    from .output.result import Result, write

    run = find_run(runs, name)
    write(Result({"name": run.name, "path": str(run.path)}, lines=[str(run.path)]))


@command(app, "rm")
def rm(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help='Names or folders of runs, or globs such as "digits-*".',
            autocompletion=completion.runs,
        ),
    ],
    *,
    yes: options.YesOption = False,
    dry_run: options.DryRunOption = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Delete runs, or none if one is training."""
    from zoo.files import remove_left_over_once
    from zoo.formatting import count

    from .output import runs as output
    from .output.result import write

    if not dry_run:
        remove_left_over_once(runs, now=datetime.now(UTC).timestamp())
    selected = _matching(runs, names)
    removal = output.removal_result(selected, is_plan=dry_run)
    if dry_run:
        write(removal)
        return
    if not yes and any(_is_glob(runs, name) for name in names):
        terminal.check_can_ask(count(len(selected), "run"))
    for run in selected:
        run.lock()
    if not yes and terminal.can_ask():
        terminal.confirm_deletion(output.runs_words(selected))
    for run in selected:
        run.remove()
    write(removal)


@command(app, "gc")
def gc(
    *,
    yes: options.YesOption = False,
    dry_run: options.DryRunOption = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Delete what killed commands left among the runs."""
    from zoo.files import delete
    from zoo.training.leftovers import leftovers

    from .output import runs as output
    from .output.result import write

    found = leftovers(runs, now=datetime.now(UTC).timestamp())
    result = output.leftovers_result(found, is_plan=dry_run)
    if found and not dry_run:
        if not yes:
            terminal.check_can_ask(output.leftovers_words(found))
            terminal.confirm_deletion(output.leftovers_words(found))
        for path in found:
            delete(path)
    write(result)


def _is_glob(folder: Path, name: str) -> bool:
    """Whether a name is a glob, and not a run or a folder that is called so."""
    return bool(set("*?[") & set(name)) and not (folder / name).exists() and not Path(name).exists()


def _matching(folder: Path, names: Sequence[str]) -> list[Run]:
    """Return the runs with these names, paths and globs, each once."""

    def find(name: str) -> Iterator[Run]:
        from fnmatch import fnmatchcase

        from zoo.errors import ConfigError
        from zoo.training.runs import all_runs, find_run

        if not _is_glob(folder, name):
            yield find_run(folder, name)
            return
        found = [run for run in all_runs(folder) if fnmatchcase(run.name, name)]
        if not found:
            raise ConfigError(
                f"No run in {folder} matches {name!r}.", hint="Run `zoo runs` to list them."
            )
        yield from found

    runs = [run for name in names for run in find(name)]
    return list({run.path.resolve(): run for run in runs}.values())
