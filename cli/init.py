"""`zoo init`: a new entry or plugin package from a template."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from . import completion, options


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
            "--out", "-o", metavar="PATH", help="Output path. [default: NAME.toml, or NAME]"
        ),
    ] = None,
    plugin: Annotated[
        bool, typer.Option("--plugin", help="Create a package: an entry, a kind, tests.")
    ] = False,
) -> None:
    """Create a new entry or plugin package."""
    from zoo.config import load, templates
    from zoo.errors import ConfigError
    from zoo.files import write_new

    from .output import tables

    if plugin:
        _package(name, out or Path(name), source=source_name)
        return
    name = name.removesuffix(".toml")
    load.check_name(name)
    path = out or Path(f"{name}.toml")
    if path.suffix != ".toml":
        raise ConfigError(
            f"An entry is a TOML file; expected a name that ends in .toml, got {path}."
        )
    if source_name is None:
        text = templates.new_entry(name)
    else:
        text = templates.copy_entry(options.find_entry(source_name).text, name)
    load.check(load.parse(text, where="the new entry"), where="the new entry")
    write_new(path, text.encode())
    quoted = tables.plain(shlex.quote(str(path)))
    print(f"{tables.plain(str(path))}\nnext     zoo check {quoted} · zoo train {quoted}")


def _package(name: str, folder: Path, *, source: str | None) -> None:
    """Write a package that can be installed and passes its tests."""
    from zoo.config import templates
    from zoo.errors import ConfigError
    from zoo.files import write_new_folder

    from .output import tables

    if source:
        raise ConfigError("--from and --plugin exclude each other; a package has its own entry.")
    files = templates.plugin_package(name)
    write_new_folder(folder, {path: text.encode() for path, text in files.items()})
    print("\n".join(tables.plain(str(folder / path)) for path in files))
    quoted_folder = tables.plain(shlex.quote(f"{folder}"))
    requirement = tables.plain(shlex.quote(f"{folder}[test]"))
    print(
        f"next     pip install -e {requirement} · zoo plugins check {name} · pytest {quoted_folder}"
    )
