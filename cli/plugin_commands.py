"""Commands that installed packages bring: known by their names, imported when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def plugin_commands() -> dict[str, EntryPoint]:
    """Return the commands of others by their names; the first to take a name has it."""
    from zoo.config.plugins import COMMAND_GROUP, allowed_entry_points

    return {point.name: point for point in reversed(allowed_entry_points(COMMAND_GROUP))}


def command_for(point: EntryPoint) -> Any:
    """Return a command that imports the other's and hands over what was typed."""
    from zoo.config.plugins import load, provider_of
    from zoo.errors import ZooError

    alone = typer.Typer(add_completion=False, rich_markup_mode=None)

    @alone.command(
        point.name,
        help=f"From {provider_of(point)}.",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )
    def call(context: typer.Context) -> None:
        app = load(point)
        if not isinstance(app, typer.Typer):
            raise ZooError(
                f"{provider_of(point)} brings {point.name!r}, and {point.value} is no typer.Typer."
            )
        app._add_completion = False  # noqa: SLF001 - it is no program of its own
        theirs = typer.main.get_command(app)
        code = theirs.main(context.args, prog_name=f"zoo {point.name}", standalone_mode=False)
        raise typer.Exit(code if isinstance(code, int) else 0)

    return typer.main.get_command(alone)
