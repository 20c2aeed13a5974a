"""`zoo plugins`: list installed plugins and check one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import terminal
from .command import command, group
from .output.result import Result, write, write_each

if TYPE_CHECKING:
    from collections.abc import Iterator

app = group("List installed plugins; check one of them.")

TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=1, help="Maximum seconds per check.")
]


@command(app, "list")
def list_plugins() -> None:
    """List plugins, what they provide and their problems."""
    from .output.plugins import plugins_result

    providers = _providers()
    write(plugins_result(providers))
    terminal.warn(fault for provider in providers for fault in provider["faults"])


@command(app, "check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Provider from `zoo plugins`.")],
    *,
    timeout: TimeoutOption = 60,
) -> None:
    """Check a plugin: entries, gradients, states, seeds, data."""
    from zoo.testing.isolated import checks_in_child

    from .output.plugins import check_result

    problems = _command_problems(name)
    failed = False

    def results() -> Iterator[Result]:
        nonlocal failed
        for checked in checks_in_child(name, timeout=timeout):
            fault = checked.fault or problems.get(checked.subject, "")
            failed = failed or bool(fault)
            yield check_result(checked._replace(fault=fault))

    write_each(results())
    raise typer.Exit(1 if failed else 0)


def _command_problems(plugin: str) -> dict[str, str]:
    """Return why commands of a plugin cannot be called, by the subject of their check."""
    from zoo.config.plugins import (
        COMMAND_GROUP,
        allowed_entry_points,
        normalized_name,
        provider_of,
    )

    from .commands import command_problem
    from .plugin_commands import plugin_commands

    provided = plugin_commands()
    return {
        f"zoo {entry_point.name}": command_problem(entry_point, provided)
        for entry_point in allowed_entry_points(COMMAND_GROUP)
        if normalized_name(provider_of(entry_point).name) == normalized_name(plugin)
    }


def _providers() -> list[dict[str, Any]]:
    """Return the objects of `zoo plugins --json`: providers and what they provide."""
    from zoo.config import plugins as library
    from zoo.config.catalog import read_catalog
    from zoo.config.entry_paths import folders
    from zoo.config.plugin_call import name_problem
    from zoo.config.plugins import allowed_entry_points, provider_of

    from .commands import command_problem
    from .plugin_commands import plugin_commands

    catalog, provided = read_catalog(), plugin_commands()
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
            str(provider), provider.name, provider.version, library.package_of(entry_point)
        )
        problem = name_problem(entry_point)
        record["faults" if problem else "kinds"].append(
            f"{provider}: {problem}" if problem else entry_point.name
        )
    for entry_point in allowed_entry_points(library.COMMAND_GROUP):
        provider = provider_of(entry_point)
        record = add_provider(
            str(provider), provider.name, provider.version, library.package_of(entry_point)
        )
        problem = command_problem(entry_point, provided)
        record["faults" if problem else "commands"].append(
            f"{provider}: {problem}" if problem else entry_point.name
        )
    for listed in catalog.entries.values():
        providers[listed.provider]["entries"].append(listed.entry.name)
    for label, problems in catalog.problems_by_provider.items():
        providers[label]["faults"] += problems
    return list(providers.values())
