"""`zoo data`: list, fetch, verify and import the datasets."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from zoo.config.dataset_info import SOURCES
from zoo.data.locations import locations_from_environment
from zoo.errors import DataError

from . import options, terminal

app = typer.Typer(
    help="List, fetch, verify and import the datasets.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_datasets(*, as_json: options.JsonOption = False) -> None:
    """List the datasets: size, licence and location."""
    from zoo.data.inventory import find_files

    from .output import data as output

    where = find_files(locations_from_environment())
    if as_json:
        rows = [
            {
                "name": source.name,
                "train": source.train,
                "test": source.test,
                "shape": source.shape,
                "classes": source.classes,
                "licence": source.licence,
                "where": where[source.name],
            }
            for source in SOURCES.values()
        ]
        print(json.dumps(rows, indent=2))
    else:
        terminal.show(output.data_table(where))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `zoo data list`.")],
    *,
    offline: options.OfflineOption = False,
) -> None:
    """Download a dataset into the cache; print its files."""
    from zoo.data.load import fetch as fetch_files

    from .progress import download_progress

    with download_progress() as progress:
        paths = fetch_files(name, locations_from_environment(offline=offline), progress)
    for path in paths:
        print(path)


@app.command()
def verify() -> None:
    """Check every local file against its pinned hash."""
    from zoo.data.inventory import checks

    wrong = 0
    for check in checks(locations_from_environment()):
        wrong += check.problem is not None
        print(f"{'ok     ' if check.problem is None else 'DIFFERS'}  {check.path}")
        if check.problem:
            print(check.problem, file=sys.stderr)
    if wrong:
        raise DataError(
            f"{wrong} {'file is' if wrong == 1 else 'files are'} not as expected.",
            hint="Remove the wrong files, then run `zoo data fetch mnist` for MNIST.",
        )


@app.command()
def path() -> None:
    """Print the folder of the cache."""
    print(locations_from_environment().cache)


@app.command("import")
def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the files.")],
) -> None:
    """Copy the files of MNIST or Kaggle into the cache."""
    from zoo.data.import_files import import_files

    for copied in import_files(folder, locations_from_environment()):
        print(copied)
