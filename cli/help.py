"""`zoo help`: the guides, which are the READMEs of the folders, and the commands' help pages."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from . import completion


class Guide(NamedTuple):
    """A guide: the package whose README.md it is, and what it is about."""

    package: str
    title: str

    @property
    def path(self) -> Path:
        """The file; its package is not imported, because some import NumPy."""
        from zoo.config.packages import folder_of

        return (folder_of(self.package) or Path(self.package)) / "README.md"

    @property
    def folder(self) -> str:
        """The folder of the README in the repository, where its relative links begin."""
        package = self.package
        top = package in {"zoo.cli", "zoo.models", "zoo.registry"}
        return (package.removeprefix("zoo.") if top else package).replace(".", "/")


GUIDES = {
    "commands": Guide("zoo.cli", "Every command: options, output, JSON, exit codes, settings."),
    "entries": Guide("zoo.registry", "The models as TOML, their claims, and your own entry."),
    "models": Guide("zoo.models", "The shipped weights, their accuracy, how they are made."),
    "data": Guide("zoo.data", "The datasets, your own images, preprocessing."),
    "own-data": Guide("zoo.data.own", "A table, images or arrays of your own: train and ask."),
    "python": Guide("zoo", "zoo from Python, in notebooks and with scikit-learn."),
    "core": Guide("zoo.nn", "How the networks compute: forward, backward, step by step."),
    "export": Guide("zoo.export", "ONNX and safetensors files, and how to run them."),
    "bundle": Guide("zoo.bundle", "A model as one file for plain Python."),
    "demo": Guide("zoo.demo", "A web page on which you draw digits."),
    "cluster": Guide("zoo.parallel", "Many trainings: every core, or a Dask cluster."),
    "plugins": Guide("zoo.testing", "A package with your own entries, kinds and commands."),
    "speed": Guide("zoo.bench", "The speed of zoo beside PyTorch, JAX and others."),
}


def show_help(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="A guide, or a command such as `runs rm`.",
            autocompletion=completion.guides_and_commands,
        ),
    ] = None,
) -> None:
    """List the guides; print one, or a command's page."""
    from zoo.errors import ConfigError

    from .output import help as output
    from .output.result import write

    if not names:
        write(output.guides_result(GUIDES))
    elif len(names) == 1 and (guide := _guide(context, names[0])):
        output.write_guide(guide, GUIDES, is_command=guide in _commands(context))
    elif names[0] in GUIDES and names[0] not in _commands(context):
        raise ConfigError(
            f"A guide has no pages; expected one name, got {' '.join(names)}.",
            hint=f"Run `zoo help {names[0]}`.",
        )
    else:
        write(output.page_result(" ".join(names), _page(context, names)))


def _guide(context: Any, name: str) -> str | None:
    """Return the name of a guide, by that name or by its folder, unless that is a command."""
    if name in GUIDES:
        return name
    folders = {guide.folder.split("/")[-1]: other for other, guide in GUIDES.items()}
    return None if name in _commands(context) else folders.get(name)


def _commands(context: Any) -> list[str]:
    program = context.find_root()
    return list(program.command.list_commands(program))


def _page(context: Any, names: list[str]) -> str:
    """Return the help page of a command, as its --help prints it."""
    from zoo.errors import ConfigError

    from .commands import Deferred

    program = context.find_root()
    command = program.command.get_command(program, names[0])
    if command is None:
        close = get_close_matches(names[0], [*GUIDES, *_commands(context)], 1)
        raise ConfigError(
            f"There is no guide or command {names[0]!r}.",
            hint=f"Did you mean {close[0]!r}?" if close else "`zoo help` lists the guides.",
        )
    loaded = command.load() if isinstance(command, Deferred) else command
    with redirect_stdout(io.StringIO()) as page:
        loaded.main(
            [*names[1:], "--help"],
            prog_name=f"zoo {command.name}",
            standalone_mode=False,
            help_option_names=["-h", "--help"],
        )
    return page.getvalue()
