"""`zoo plugins`: who brings what to zoo, what is wrong with it, and whether it conforms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options

if TYPE_CHECKING:
    from zoo.testing.suite import CheckResult

app = typer.Typer(
    help="See who brings what: entries, kinds, commands; and check one of them.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)

SilenceOption = Annotated[
    float, typer.Option("--timeout", min=1, help="Seconds that one trial may take.")
]


@app.callback()
def plugins(context: typer.Context, *, json_: options.JsonOption = False) -> None:
    """List who brings what: version, entries, kinds, commands, where from, and what is wrong."""
    from .output import tables

    if context.invoked_subcommand:
        return
    found = _providers()
    if json_:
        print(json.dumps(found, indent=2))
        return
    table = tables.table("provider", "version", "brings", "from")
    for one in found:
        entries = len(one["entries"])
        brings = [f"{entries} {'entry' if entries == 1 else 'entries'}"] if entries else []
        brings += [*one["kinds"], *(f"zoo {name}" for name in one["commands"])]
        cells = (one["name"], one["version"], ", ".join(brings) or "-", one["from"])
        table.add_row(*map(tables.plain, cells))
    options.terminal(table)
    options.warn(fault for one in found for fault in one["faults"])


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A provider from `zoo plugins`.")],
    *,
    timeout: SilenceOption = 60,
    json_: options.JsonOption = False,
) -> None:
    """Try all that a package brings: entries, gradients, states, seeds and data."""
    from zoo.testing.isolated import checks_in_child

    from .output import tables

    bad = False
    found: list[CheckResult] = []
    for one in checks_in_child(name, patience=timeout):
        found.append(one)
        bad = bad or bool(one.fault)
        if not json_:
            print(f"{'FAULT' if one.fault else 'fine '} {tables.plain(_words(one))}", flush=True)
    if json_:
        print(json.dumps([one._asdict() for one in found], indent=2))
    raise typer.Exit(1 if bad else 0)


def _words(one: CheckResult) -> str:
    return f"{one.subject}: {one.fault}" if one.fault else one.subject


def _providers() -> list[dict[str, Any]]:
    """Return every provider with what it brings, as JSON has it."""
    from zoo.config import plugins as library
    from zoo.config.catalog import read_catalog
    from zoo.config.entry_paths import folders
    from zoo.config.plugin_call import name_problem
    from zoo.config.plugins import allowed_entry_points, provider_of

    from . import plugin_commands
    from .commands import BUILTIN_COMMANDS

    catalog = read_catalog()
    found: dict[str, dict[str, Any]] = {}

    def provider(said: str, name: str, version: str, place: object) -> dict[str, Any]:
        facts = {"name": name, "version": version, "from": str(place)}
        nothing: dict[str, Any] = {"entries": [], "kinds": [], "commands": [], "faults": []}
        return found.setdefault(said, facts | nothing)

    for folder in folders():
        name, version = folder.provider or (folder.label, "")
        provider(folder.label, name, version, folder.path or folder.package)
    for point in allowed_entry_points(library.KIND_GROUP):
        who = provider_of(point)
        one = provider(str(who), who.name, who.version, point.module.partition(".")[0])
        fault = name_problem(point)
        one["faults" if fault else "kinds"].append(f"{who}: {fault}" if fault else point.name)
    for point in allowed_entry_points(library.COMMAND_GROUP):
        who = provider_of(point)
        one = provider(str(who), who.name, who.version, point.module.partition(".")[0])
        if point.name in BUILTIN_COMMANDS or plugin_commands.plugin_commands()[point.name] != point:
            one["faults"].append(f"{who}: there is a command named {point.name!r} already.")
        else:
            one["commands"].append(point.name)
    for listed in catalog.entries.values():
        found[listed.provider]["entries"].append(listed.entry.name)
    for said, faults in catalog.problems_by_provider.items():
        found[said]["faults"] += faults
    return list(found.values())
