"""`zoo init`: a file to begin an entry with."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from . import completion, options


def init(
    name: Annotated[str, typer.Argument(help="What the new entry is called.")],
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
        typer.Option("--out", "-o", metavar="FILE.toml", help="Where; NAME.toml, if not said."),
    ] = None,
) -> None:
    """Write an entry to begin with, which trains as it is."""
    from zoo import config, template
    from zoo.catalog import text_of
    from zoo.errors import ConfigError
    from zoo.files import write_new

    from . import render

    name = name.removesuffix(".toml")
    config.check_name(name)
    path = out or Path(f"{name}.toml")
    if path.suffix != ".toml":
        raise ConfigError(f"An entry is a .toml, and {path} is not named like one.")
    if from_ is None:
        text = template.plain(name)
    else:
        text = template.copied(text_of(options.find_entry(from_).path), name)
    config.check(config.parse(text, where="the new entry"), where="the new entry")
    write_new(path, text.encode())
    word = render.plain(shlex.quote(str(path)))
    print(f"{render.plain(str(path))}\nnext     zoo check {word} · zoo train {word}")
