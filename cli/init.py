"""`zoo init`: a new entry or plugin package from a template."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options, terminal
from .output_options import is_stdout

if TYPE_CHECKING:
    from .output.data_summary import SummarizedEntry


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new entry or package.")],
    *,
    source_name: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME",
            help="Copy this entry: a name or TOML file.",
            autocompletion=completion.entries,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="Write an entry for this table or folder."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of labels. [default: found by its name]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH", help="Path; - is stdout. [default: NAME.toml, or NAME]"
        ),
    ] = None,
    plugin: Annotated[
        bool, typer.Option("--plugin", help="Create a package: an entry, a kind, tests.")
    ] = False,
    dry_run: options.DryRunOption = False,
) -> None:
    """Create a new entry or plugin package."""
    from zoo.config import load, templates
    from zoo.config.catalog import find
    from zoo.errors import ConfigError
    from zoo.files import check_new, write_new

    from .output.init import entry_result
    from .output.result import write, write_bytes

    to_stdout = is_stdout(out, dry_run=dry_run)
    _check_exclusive(source_name, data, label, plugin=plugin)
    if plugin:
        if to_stdout:
            raise ConfigError("A package cannot be written to stdout.", hint="Add -o FOLDER.")
        _package(name, out or Path(name), dry_run=dry_run)
        return
    name = name.removesuffix(".toml")
    load.check_name(name)
    path = Path(f"{name}.toml") if to_stdout or out is None else out
    if path.suffix != ".toml":
        raise ConfigError(
            f"An entry is a TOML file; expected a name that ends in .toml, got {path}."
        )
    if not to_stdout:
        check_new(path)
    seen = None
    if data:
        text, seen = _entry_of(data, name, path, label)
    elif source_name is None:
        text = templates.new_entry(name)
    else:
        text = templates.copy_entry(find(source_name).text, name)
    load.check(load.parse(text, where="the new entry"), where="the new entry")
    if to_stdout:
        write_bytes(text.encode())
        terminal.warn(seen.summary.warnings if seen else ())
        return
    if not dry_run:
        write_new(path, text.encode())
    write(entry_result(name, path, seen, is_plan=dry_run))


def _check_exclusive(
    source: str | None, data: Path | None, label: str | None, *, plugin: bool
) -> None:
    from zoo.data.own.data_entry import is_data
    from zoo.errors import ConfigError
    from zoo.system.commands import quote

    if source and plugin:
        raise ConfigError("--from and --plugin exclude each other; a package has its own entry.")
    if data and (source or plugin):
        raise ConfigError(f"--data and {'--from' if source else '--plugin'} exclude each other.")
    if source and is_data(source):
        raise ConfigError(
            f"{source} is data; --from copies an entry.", hint=f"Add --data {quote(source)}."
        )
    if label and not data:
        raise ConfigError("--label names a column of --data.", hint="Add --data FILE.")


def _entry_of(
    data: Path, name: str, path: Path, label: str | None
) -> "tuple[str, SummarizedEntry]":
    """Return the text of an entry for data of the user's, and what is in the data."""
    from zoo.config.templates import data_header
    from zoo.data.own.new_entry import new_entry

    from .output.data_summary import summarized

    new = new_entry(data, name, path.parent, label=label)
    text = data_header(path, new.complete.data.source.title) + new.listed.text
    return text, summarized(new.complete, new.dataset, new.warnings)


def _package(name: str, folder: Path, *, dry_run: bool) -> None:
    """Write a package that can be installed and passes its tests."""
    from zoo.config import templates
    from zoo.files import check_new, write_new_folder

    from .output.init import package_result
    from .output.result import write

    files = templates.plugin_package(name)
    if dry_run:
        check_new(folder)
    else:
        write_new_folder(folder, {path: text.encode() for path, text in files.items()})
    write(package_result(name, folder, list(files), is_plan=dry_run))
