"""`zoo data`: list, fetch, verify and import the datasets; show one; sample images; the cache."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.data.locations import locations_from_environment
from zoo.errors import DataError

from . import options, terminal
from .command import command, group
from .output.result import Result, write, write_each

if TYPE_CHECKING:
    from collections.abc import Iterator

app = group("List, show, fetch, verify, import and clear datasets.")


@command(app, "list")
def list_datasets() -> None:
    """List the datasets: size, licence and location."""
    from zoo.data.inventory import find_files

    from .output.data import datasets_result

    write(datasets_result(find_files(locations_from_environment())))


@command(app, "show")
def show(
    name: options.NameArgument,
    *,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw images of each class.")
    ] = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Show an entry's data: rows, classes, columns, warnings."""
    from zoo.files import write_output

    from .output.data_show import data_result
    from .output.data_summary import summarized
    from .sheets import check_images, check_png, class_sheet

    entry = options.find_complete_entry(name, data=data).entry
    if sheet:
        check_png(sheet, "--sheet")
        check_images(entry)
    seen = summarized(entry, options.load_data(entry.data, data, offline=offline))
    if sheet:
        write_output(sheet, class_sheet(entry, seen.splits.train))
        terminal.say_written(sheet)
    write(data_result(seen))


@command(app, "fetch")
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `zoo data list`.")],
    *,
    dry_run: options.DryRunOption = False,
    offline: options.OfflineOption = False,
) -> None:
    """Download a dataset into the cache; print its files."""
    from zoo.data.load import fetch as fetch_files
    from zoo.data.load import planned_files

    from .output.data import files_result
    from .progress import download_progress

    locations = locations_from_environment(offline=offline)
    if dry_run:
        paths = planned_files(name, locations)
    else:
        with download_progress() as progress:
            paths = fetch_files(name, locations, progress)
    write(files_result(paths))


@command(app, "verify")
def verify() -> None:
    """Check every local file against its pinned hash."""
    from zoo.data.inventory import checks

    from .output.data import check_result

    hints: list[str] = []

    def results() -> Iterator[Result]:
        for check in checks(locations_from_environment()):
            hints.extend([check.hint] if check.problem else [])
            yield check_result(check)

    write_each(results())
    if hints:
        raise DataError(
            f"{len(hints)} {'files are' if hints[1:] else 'file is'} not as expected.",
            hint=" ".join(filter(None, dict.fromkeys(hints))),
        )


@command(app, "path")
def path() -> None:
    """Print the folder of the cache."""
    from .output.data import files_result

    write(files_result([locations_from_environment().cache]))


@command(app, "import")
def import_folder(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder, or zip file, with the files.")
    ],
    *,
    dry_run: options.DryRunOption = False,
) -> None:
    """Copy the files of MNIST or Kaggle into the cache."""
    from zoo.data.import_files import import_files

    from .output.data import files_result

    write(files_result(import_files(folder, locations_from_environment(), copy=not dry_run)))


@command(app, "clear")
def clear(*, yes: options.YesOption = False, dry_run: options.DryRunOption = False) -> None:
    """Delete downloads, imports and parsed files from the cache."""
    from zoo.data.cache import cached_files, delete_files

    from .output.data import files_words, removal_result

    locations = locations_from_environment()
    paths = cached_files(locations.cache, keep=locations.folder)
    removal = removal_result(paths, locations.cache, is_plan=dry_run)
    if not dry_run:
        if paths and not yes:
            words = files_words(paths)
            terminal.check_can_ask(words)
            terminal.confirm_deletion(f"{words} in {locations.cache}")
        delete_files(locations.cache, paths)
    write(removal)


@command(app, "sample")
def sample(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder to write. [default: samples]")
    ] = None,
    *,
    dry_run: options.DryRunOption = False,
) -> None:
    """Write ten drawn digits and a photo."""
    from zoo.data.samples import FOLDER, write_samples

    from .output.data import samples_result

    folder = folder or FOLDER
    paths = write_samples(folder, copy=not dry_run)
    write(samples_result(folder, paths, is_plan=dry_run))
