"""`zoo init`: a file to begin an entry with, or a package to begin a plugin with."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from . import completion, options


def init(
    name: Annotated[str, typer.Argument(help="What the new entry, or package, is called.")],
    *,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME",
            help="Begin with another entry: a name or a TOML.",
            autocompletion=completion.entries,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="PATH", help="Where; NAME.toml or NAME, if not said."),
    ] = None,
    plugin: Annotated[
        bool, typer.Option("--plugin", help="Write a whole package: an entry, a kind, a test.")
    ] = False,
) -> None:
    """Write an entry to begin with, which trains as it is; or a package of entries and kinds."""
    from zoo.config import load, templates
    from zoo.config.catalog import read_text
    from zoo.errors import ConfigError
    from zoo.files import write_new

    from .output import tables

    if plugin:
        _package(name, out or Path(name), original=from_)
        return
    name = name.removesuffix(".toml")
    load.check_name(name)
    path = out or Path(f"{name}.toml")
    if path.suffix != ".toml":
        raise ConfigError(f"An entry is a .toml, and {path} is not named like one.")
    if from_ is None:
        text = templates.new_entry(name)
    else:
        text = templates.copy_entry(read_text(options.find_entry(from_).path), name)
    load.check(load.parse(text, where="the new entry"), where="the new entry")
    write_new(path, text.encode())
    word = tables.plain(shlex.quote(str(path)))
    print(f"{tables.plain(str(path))}\nnext     zoo check {word} · zoo train {word}")


def _package(name: str, folder: Path, *, original: str | None) -> None:
    """Write a package that installs and passes its own tests as it is."""
    from zoo.config import templates
    from zoo.errors import ConfigError
    from zoo.files import write_new_folder

    from .output import tables

    if original:
        raise ConfigError("--from begins an entry; a package begins with one of its own.")
    files = templates.plugin_package(name)
    write_new_folder(folder, {path: text.encode() for path, text in files.items()})
    print("\n".join(tables.plain(str(folder / path)) for path in files))
    word = tables.plain(shlex.quote(f"{folder}"))
    extra = tables.plain(shlex.quote(f"{folder}[test]"))
    print(f"next     pip install -e {extra} · zoo plugins check {name} · pytest {word}")
