"""Which commands there are: ours, then those of packages; a module is imported when one is called.

Their help stands here, so that a page of them all imports none.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from .plugin_commands import command_for, plugin_commands

BUILTIN_COMMANDS = {  # where each stands, and what it does in a line of a page
    "list": ("list:list_entries", "List the models, their claims and what was reproduced."),
    "show": ("show:show", "Show one model: its README, claim, layers and recipe."),
    "train": ("train:train", "Train one model and hold it against its README's claim."),
    "resume": ("resume:resume", "Go on with a training where it stopped, to the same bits."),
    "predict": ("predict:predict", "Say which digit a picture shows, or which class a row is of."),
    "export": ("export:export", "Write models as ONNX, verified in every runtime here."),
    "bundle": ("bundle:bundle", "Pack models into one file that needs nothing but Python."),
    "verify": ("verify:verify", "See that bundles and exports are whole and still right."),
    "demo": ("demo:demo", "Write a page on which one draws digits and watches networks."),
    "compare": ("compare:compare", "Hold models against their claims and each other, over seeds."),
    "ablate": ("ablate:ablate", "Say what each ingredient of a recipe is worth."),
    "tune": ("tune:tune", "Search for better settings, judged on held-out pictures."),
    "init": ("init:init", "Write an entry, or a whole package, to begin with."),
    "check": ("check:check", "Name every fault of an entry, or what its training needs."),
    "schema": ("schema:schema", "Print the JSON Schema of an entry, for editors."),
    "evaluate": ("evaluate:evaluate", "Judge one model: each digit, confusion, worst mistakes."),
    "bench": ("bench:bench", "Time the core beside PyTorch, scikit-learn, JAX and others."),
    "runs": ("runs:app", "List, show, find and remove runs."),
    "data": ("data:app", "See, fetch, verify and import the datasets."),
    "plugins": ("plugins:app", "See who brings what; try all that one of them brings."),
}


class Commands(TyperGroup):
    """zoo's own commands, and behind them those of others."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, (place, words) in BUILTIN_COMMANDS.items():
            self.commands[name] = Deferred(name, place, words)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all names, for the help."""
        own = super().list_commands(ctx)
        return [*own, *(name for name in plugin_commands() if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; of those of others what calls them."""
        own = super().get_command(ctx, cmd_name)
        if own is None and (point := plugin_commands().get(cmd_name)):
            return command_for(point)
        return own


class Deferred(TyperCommand):
    """A command of which no more is known than its name and its help, until it is called."""

    def __init__(self, name: str, place: str, words: str) -> None:
        super().__init__(name, help=words)
        self.place = place

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,
        **extra: Any,
    ) -> Any:
        """Import the command, and let it read its arguments."""
        module, _, called = self.place.partition(":")
        found = import_module(f"zoo.cli.{module}")
        app = getattr(found, called)
        if not isinstance(app, typer.Typer):  # a command alone, and not several under one name
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(self.name, cls=getattr(found, "PairCommand", None))(app)
            app = alone
        loaded = typer.main.get_command(app)
        return loaded.make_context(info_name, args, parent=parent, **extra)
