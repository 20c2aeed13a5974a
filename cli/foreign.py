"""Commands that installed packages bring: listed by their names, imported when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Commands(TyperGroup):
    """zoo's own commands, and behind them those of others."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer's own
        """Return all names, for the help."""
        own = super().list_commands(ctx)
        return [*own, *(name for name in brought() if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - the same
        """Return a command; of those of others what calls them."""
        own = super().get_command(ctx, cmd_name)
        if own is None and (point := brought().get(cmd_name)):
            return _calling(point)
        return own


def brought() -> dict[str, EntryPoint]:
    """Return the commands of others by their names; the first to take a name has it."""
    from zoo.plugins import COMMANDS, points

    return {point.name: point for point in reversed(points(COMMANDS))}


def _calling(point: EntryPoint) -> Any:  # noqa: ANN401 - a command of typer's
    """Return a command that imports the other's and hands over what was typed."""
    from zoo.errors import ZooError
    from zoo.plugins import load, provider_of

    alone = typer.Typer(add_completion=False)

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
