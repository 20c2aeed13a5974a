"""`zoo init`: a new entry or plugin package from a template."""

from pathlib import Path
from typing import Annotated

import typer

from . import completion, options
from .output_options import is_stdout


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
    from zoo.errors import ConfigError
    from zoo.files import check_new, write_new

    from .output.init import entry_result
    from .output.result import write, write_bytes

    to_stdout = is_stdout(out, dry_run=dry_run)
    if plugin:
        if to_stdout:
            raise ConfigError("A package cannot be written to stdout.", hint="Add -o FOLDER.")
        _package(name, out or Path(name), source=source_name, dry_run=dry_run)
        return
    name = name.removesuffix(".toml")
    load.check_name(name)
    path = out or Path(f"{name}.toml")
    if path.suffix != ".toml" and not to_stdout:
        raise ConfigError(
            f"An entry is a TOML file; expected a name that ends in .toml, got {path}."
        )
    if source_name is None:
        text = templates.new_entry(name)
    else:
        text = templates.copy_entry(options.find_entry(source_name).text, name)
    load.check(load.parse(text, where="the new entry"), where="the new entry")
    if to_stdout:
        write_bytes(text.encode())
        return
    if dry_run:
        check_new(path)
    else:
        write_new(path, text.encode())
    write(entry_result(name, path, is_plan=dry_run))


def _package(name: str, folder: Path, *, source: str | None, dry_run: bool) -> None:
    """Write a package that can be installed and passes its tests."""
    from zoo.config import templates
    from zoo.errors import ConfigError
    from zoo.files import check_new, write_new_folder

    from .output.init import package_result
    from .output.result import write

    if source:
        raise ConfigError("--from and --plugin exclude each other; a package has its own entry.")
    files = templates.plugin_package(name)
    if dry_run:
        check_new(folder)
    else:
        write_new_folder(folder, {path: text.encode() for path, text in files.items()})
    write(package_result(name, folder, list(files), is_plan=dry_run))
