"""Commands with zoo's help pages, output options and default subcommand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from .examples import EXAMPLES, GROUP_EXAMPLES
from .output_options import OUTPUT_OPTIONS, with_output_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES = (  # how typer's versions write the type of a value, and how a person would
    (re.compile(r"<int(?: range)?>|\bINTEGER(?: RANGE)?$"), "N"),
    (re.compile(r"<float(?: range)?>|\bFLOAT(?: RANGE)?$"), "X"),
    (re.compile(r"<str>"), "TEXT"),
    (re.compile(r"<path>"), "PATH"),
    (re.compile(r"<file>"), "FILE"),
    (re.compile(r"[<\[]([^<>\[\]]*\|[^<>\[\]]*)[>\]]$"), r"\1"),  # <name|claim>: the choices
)
RANGE = re.compile(r"x[<>]=|<=x")  # as in 1<=x<=1000


class HelpCommand(TyperCommand):
    """A command whose help page has an example, and two groups of options."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, the options of the command, the output options, the example."""
        for title, rows in self.help_rows(ctx).items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        _write_example(EXAMPLES, ctx, formatter)

    def help_rows(self, ctx: Any) -> dict[str, list[tuple[str, str]]]:
        """Return the sections of the help page: the names of each parameter and its text."""
        parameters = [parameter for parameter in self.get_params(ctx) if not _is_hidden(parameter)]
        arguments = [item for item in parameters if item.param_type_name == "argument"]
        options = [item for item in parameters if item.param_type_name != "argument"]
        is_output = {id(item): item.name in {*OUTPUT_OPTIONS, "help"} for item in options}
        return {
            "Arguments": [(_argument(item), getattr(item, "help", "") or "") for item in arguments],
            "Options": [_option(item, ctx) for item in options if not is_output[id(item)]],
            "Output": [_option(item, ctx) for item in options if is_output[id(item)]],
        }

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line: [OPTIONS] NAME [GLOB]..."""
        arguments = [item for item in self.get_params(ctx) if item.param_type_name == "argument"]
        return ["[OPTIONS]", *map(_argument, arguments)]


def _write_example(examples: Mapping[str, str], ctx: Any, formatter: Any) -> None:
    if example := examples.get(ctx.command_path.partition(" ")[2]):
        with formatter.section("Example"):
            formatter.write_text(example)


def _is_hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _argument(argument: Any) -> str:
    """Return the name of an argument as usage lines show it: NAME, [NAME] or [NAME]..."""
    name = argument.metavar or argument.name.upper()
    name = name if argument.required else f"[{name}]"
    return f"{name}..." if argument.nargs == -1 else name


def _option(option: Any, ctx: Any) -> tuple[str, str]:
    """Return the names of an option with its value, and its help with its default."""
    names, text = option.get_help_record(ctx)
    for pattern, value in TYPES:
        names = pattern.sub(value, names)
    return names, _without_range(text.replace("\\[", "["))


def _without_range(text: str) -> str:
    """Return a help text without typer's note of a range, such as [1<=x<=1000]."""
    text, bracket, notes = text.rpartition("  [")
    if not bracket:
        return notes
    kept = [note for note in notes.rstrip("]").split("; ") if not RANGE.search(note)]
    return f"{text} [{'; '.join(kept)}]" if kept else text


class HelpGroup(TyperGroup):
    """A group of commands whose help page writes options like those of commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Return the name, the command and the rest; an alias gets the name of its command."""
        name, found, rest = super().resolve_command(ctx, args)
        return (found.name if found else name), found, rest

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands and the example."""
        with formatter.section("Options"):
            formatter.write_dl(
                [_option(item, ctx) for item in self.get_params(ctx) if not _is_hidden(item)]
            )
        self.format_commands(ctx, formatter)
        _write_example(GROUP_EXAMPLES, ctx, formatter)


class ListGroup(HelpGroup):
    """A group of commands of which `list` is the default, with the alias `ls`."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands; the default is in brackets."""
        rows = [
            (name, self.commands[name].get_short_help_str(70) + " [default]" * (name == "list"))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the subcommand first; options alone are those of `list`."""
        first = next((arg for arg in args if self.get_command(ctx, arg)), None)
        if not args or args[0].startswith("-"):
            if first:
                args = [first, *args[: args.index(first)], *args[args.index(first) + 1 :]]
            elif not {"-h", "--help"} & set(args):
                args = ["list", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name or its alias."""
        return super().get_command(ctx, "list" if cmd_name == "ls" else cmd_name)


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds a function to an app as a command with the output options."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        app.command(name, cls=HelpCommand)(with_output_options(function))
        return function

    return add


def group(help_text: str) -> typer.Typer:
    """Return an app of several commands."""
    return typer.Typer(
        cls=ListGroup,
        help=help_text,
        subcommand_metavar="[COMMAND] [ARGS]...",
        add_completion=False,
        rich_markup_mode=None,
    )


def single(name: str, function: Callable[..., Any]) -> typer.Typer:
    """Return an app of one command."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    command(app, name)(function)
    return app
