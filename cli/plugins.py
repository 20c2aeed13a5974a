"""`zoo plugins`: list installed plugins and check one of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options, terminal

if TYPE_CHECKING:
    from zoo.testing.suite import CheckResult

app = typer.Typer(
    help="List installed plugins; check one of them.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)

TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=1, help="Maximum seconds per check.")
]


@app.callback()
def plugins(context: typer.Context, *, as_json: options.JsonOption = False) -> None:
    """List plugins: version, entries, kinds, commands, location, problems."""
    from .output import tables

    if context.invoked_subcommand:
        return
    providers = _providers()
    if as_json:
        print(json.dumps(providers, indent=2))
        return
    table = tables.table("provider", "version", "provides", "from")
    for provider in providers:
        entries = len(provider["entries"])
        provided = [f"{entries} {'entry' if entries == 1 else 'entries'}"] if entries else []
        provided += [*provider["kinds"], *(f"zoo {name}" for name in provider["commands"])]
        cells = (
            provider["name"],
            provider["version"],
            ", ".join(provided) or "-",
            provider["from"],
        )
        table.add_row(*map(tables.plain, cells))
    terminal.show(table)
    terminal.warn(fault for provider in providers for fault in provider["faults"])


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Provider from `zoo plugins`.")],
    *,
    timeout: TimeoutOption = 60,
    as_json: options.JsonOption = False,
) -> None:
    """Check a plugin: entries, gradients, states, seeds, data."""
    from zoo.testing.isolated import checks_in_child

    from .output import tables

    failed = False
    results: list[CheckResult] = []
    for result in checks_in_child(name, timeout=timeout):
        results.append(result)
        failed = failed or bool(result.fault)
        if not as_json:
            print(
                f"{'FAILED' if result.fault else 'ok    '} {tables.plain(_describe(result))}",
                flush=True,
            )
    if as_json:
        print(json.dumps([result._asdict() for result in results], indent=2))
    raise typer.Exit(1 if failed else 0)


def _describe(result: CheckResult) -> str:
    return f"{result.subject}: {result.fault}" if result.fault else result.subject


def _providers() -> list[dict[str, Any]]:
    """Return the objects of `zoo plugins --json`: providers and what they provide."""
    from zoo.config import plugins as library
    from zoo.config.catalog import read_catalog
    from zoo.config.entry_paths import folders
    from zoo.config.plugin_call import name_problem
    from zoo.config.plugins import allowed_entry_points, provider_of

    from . import plugin_commands
    from .commands import BUILTIN_COMMANDS

    catalog = read_catalog()
    providers: dict[str, dict[str, Any]] = {}

    def add_provider(label: str, name: str, version: str, location: object) -> dict[str, Any]:
        facts = {"name": name, "version": version, "from": str(location)}
        nothing: dict[str, Any] = {"entries": [], "kinds": [], "commands": [], "faults": []}
        return providers.setdefault(label, facts | nothing)

    for folder in folders():
        name, version = folder.provider or (folder.label, "")
        add_provider(folder.label, name, version, folder.path or folder.package)
    for entry_point in allowed_entry_points(library.KIND_GROUP):
        provider = provider_of(entry_point)
        record = add_provider(
            str(provider), provider.name, provider.version, entry_point.module.partition(".")[0]
        )
        problem = name_problem(entry_point)
        record["faults" if problem else "kinds"].append(
            f"{provider}: {problem}" if problem else entry_point.name
        )
    for entry_point in allowed_entry_points(library.COMMAND_GROUP):
        provider = provider_of(entry_point)
        record = add_provider(
            str(provider), provider.name, provider.version, entry_point.module.partition(".")[0]
        )
        if (
            entry_point.name in BUILTIN_COMMANDS
            or plugin_commands.plugin_commands()[entry_point.name] != entry_point
        ):
            record["faults"].append(
                f"{provider}: a command named {entry_point.name!r} already exists."
            )
        else:
            record["commands"].append(entry_point.name)
    for listed in catalog.entries.values():
        providers[listed.provider]["entries"].append(listed.entry.name)
    for label, problems in catalog.problems_by_provider.items():
        providers[label]["faults"] += problems
    return list(providers.values())
