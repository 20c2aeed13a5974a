"""Built-in commands and those of plugins; a command is imported when it is called.

The help texts are in this file, so that `zoo --help` imports no command.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from .command import HelpGroup, single
from .plugin_commands import command_for, is_command_name, plugin_commands

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

GROUPS: dict[str, dict[str, tuple[str, str]]] = {  # group: command: module:function, help text
    "Find a model": {
        "list": ("list:list_entries", "List the models, claims and reproduced accuracies."),
        "show": ("show:show", "Show one model: original, claim, layers and recipe."),
        "compare": ("compare:compare", "Compare models with their claims and each other."),
    },
    "Train": {
        "train": ("train:train", "Train one model and check its original's claim."),
        "resume": ("resume:resume", "Resume an interrupted run; the result is bit-identical."),
        "ablate": ("ablate:ablate", "Measure the effect of each recipe component (ablation)."),
        "tune": ("tune:tune", "Search for better settings on held-out images."),
    },
    "Use a model": {
        "predict": ("predict:predict", "Classify images, or rows of a table."),
        "evaluate": (
            "evaluate:evaluate",
            "Evaluate one model: classes, confusion, worst mistakes.",
        ),
    },
    "Give it away": {
        "export": ("export:export", "Export models as ONNX, verified in every runtime."),
        "bundle": ("bundle:bundle", "Pack models into one file for plain Python."),
        "demo": ("demo:demo", "Write a demo page for drawing digits."),
        "verify": ("verify:verify", "Verify bundles and exported ONNX files."),
    },
    "Your own": {
        "init": ("init:init", "Create a new entry or plugin package."),
        "check": ("check:check", "List an entry's problems, or estimate its training."),
        "schema": ("schema:schema", "Print the JSON Schema of an entry, for editors."),
    },
    "Tools": {
        "runs": ("runs:app", "List, show, find and delete runs."),
        "data": ("data:app", "List, show, fetch, verify, import and clear datasets."),
        "plugins": ("plugins:app", "List installed plugins; check one of them."),
        "env": ("env:env", "Show versions, BLAS, folders and data, for an issue."),
        "bench": ("bench:bench", "Benchmark the core against PyTorch, JAX and others."),
        "help": ("help:show_help", "List the guides; print one, or a command's page."),
    },
}
ALIASES = {"ls": "list"}
BUILTIN_COMMANDS = {name: command for group in GROUPS.values() for name, command in group.items()}
RESERVED = {*BUILTIN_COMMANDS, *ALIASES}


def command_problem(entry_point: EntryPoint, provided: Mapping[str, EntryPoint]) -> str:
    """Return why a command of those that plugins provide cannot be called; empty if it can."""
    name = entry_point.name
    if not is_command_name(name):
        return f"{name!r} cannot be the name of a command; expected a word."
    if name not in RESERVED and provided[name] == entry_point:
        return ""
    return f"a command named {name!r} already exists."


class Commands(HelpGroup):
    """The built-in commands, followed by those of plugins."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, (target, help_text) in BUILTIN_COMMANDS.items():
            self.commands[name] = Deferred(name, target, help_text)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, for the help."""
        return [*super().list_commands(ctx), *sorted(self._of_plugins.keys() - RESERVED)]

    @cached_property
    def _of_plugins(self) -> dict[str, EntryPoint]:
        return plugin_commands()  # once: a plugin may have thousands

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands in their groups."""
        plugins = [name for name in self.list_commands(ctx) if name not in BUILTIN_COMMANDS]
        for title, names in {**GROUPS, "Plugins": plugins}.items():
            rows = [(name, self.get_command(ctx, name).get_short_help_str(70)) for name in names]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows, col_spacing=2)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a built-in command, or a wrapper around the command of a plugin."""
        command = super().get_command(ctx, ALIASES.get(cmd_name, cmd_name))
        if command is None and (entry_point := self._of_plugins.get(cmd_name)):
            return command_for(entry_point)
        return command


class Deferred(TyperCommand):
    """A command with a name and a help text; the rest is imported when it is called."""

    def __init__(self, name: str, target: str, help_text: str) -> None:
        super().__init__(name, help=help_text)
        self.target = target

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,
        **extra: Any,
    ) -> Any:
        """Import the command and parse its arguments."""
        return self.load().make_context(info_name, args, parent=parent, **extra)

    def load(self) -> Any:
        """Return the imported command."""
        module, _, attribute = self.target.partition(":")
        app = getattr(import_module(f"zoo.cli.{module}"), attribute)
        if not isinstance(app, typer.Typer):  # a single command, not a group
            app = single(str(self.name), app)
        return typer.main.get_command(app)
