"""Commands of plugins, which are imported when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from zoo.control_characters import plain, plain_lines

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def plugin_commands() -> dict[str, EntryPoint]:
    """Return the commands of plugins by name; the first plugin with a name provides it."""
    from zoo.config.plugins import COMMAND_GROUP, allowed_entry_points

    return {
        entry_point.name: entry_point
        for entry_point in reversed(allowed_entry_points(COMMAND_GROUP))
        if is_command_name(entry_point.name)
    }


def is_command_name(name: str) -> bool:
    """Return whether a name can be typed as a command: a word, and not an option."""
    return name.isprintable() and not name.startswith("-") and len(name.split()) == 1


def command_for(entry_point: EntryPoint) -> Any:
    """Return a command that imports the plugin's command and passes the arguments on."""
    from zoo.config.plugins import load, provider_of
    from zoo.errors import ZooError

    single = typer.Typer(add_completion=False, rich_markup_mode=None)

    @single.command(
        entry_point.name,
        help=plain(f"From {provider_of(entry_point)}."),
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )
    def call(context: typer.Context) -> None:
        app = load(entry_point)
        if not isinstance(app, typer.Typer):
            raise ZooError(
                f"{provider_of(entry_point)}: the command {entry_point.name!r} is not valid; "
                f"expected a typer.Typer, got {entry_point.value}."
            )
        app._add_completion = False  # noqa: SLF001 - it is not a separate program
        app.rich_markup_mode = None  # plain help pages, as those of zoo
        command = _with_plain_pages(typer.main.get_command(app))
        code = command.main(
            context.args,
            prog_name=f"zoo {entry_point.name}",
            standalone_mode=False,
            help_option_names=["-h", "--help"],
        )
        raise typer.Exit(code if isinstance(code, int) else 0)

    return typer.main.get_command(single)


def _with_plain_pages(command: Any) -> Any:
    """Return a command whose help pages, and those of its subcommands, are plain text."""
    get_help, get_command = command.get_help, getattr(command, "get_command", None)
    command.get_help = lambda context: plain_lines(get_help(context))
    if get_command:  # it is a group
        command.get_command = lambda *arguments: (
            (found := get_command(*arguments)) and _with_plain_pages(found)
        )
    return command
