"""All checks of one plugin package, one after the other."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import EntryPoint
from typing import NamedTuple

import typer

from zoo.config import plugin_call, plugins
from zoo.config.base import PluginKind, iter_plugin_kinds
from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.entry_paths import folders
from zoo.config.plugin_call import name_problem
from zoo.config.plugins import (
    COMMAND_GROUP,
    ENTRY_GROUP,
    GROUPS,
    KIND_GROUP,
    Provider,
    allowed_entry_points,
    provider_of,
)
from zoo.errors import ConfigError, Stopped, ZooError, describe
from zoo.testing import checks
from zoo.training.loop import DivergedError

SECTIONS = {
    plugin_type: section
    for section in PluginKind.__subclasses__()
    for plugin_type in section.plugin_types
}


class CheckResult(NamedTuple):
    """The subject of a check and the fault that was found; `fault` is empty if there is none."""

    subject: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.fault or 'ok'}"


def check_package(name: str) -> list[str]:
    """Return the faults of the plugin with this distribution name."""
    return [str(result) for result in run_checks(name) if result.fault]


def run_checks(
    name: str, begin: Callable[[str], object] = lambda _subject: None
) -> Iterator[CheckResult]:
    """Check all that a distribution provides; `begin` is called with the next subject."""
    provider = _provider(name)
    points = {
        group: [point for point in allowed_entry_points(group) if provider_of(point) == provider]
        for group in GROUPS
    }
    catalog = read_catalog()
    for fault in catalog.problems_by_provider.get(str(provider), []):
        yield CheckResult("entries", fault)
    listed = [entry for entry in catalog.entries.values() if entry.provider == str(provider)]
    if points[ENTRY_GROUP] and not listed:
        yield CheckResult("entries", "the folder of zoo.registry does not have an entry.")
    for entry in listed:
        subject = f"entry {entry.entry.name}"
        begin(subject)
        yield from _check(subject, partial(checks.check_entry, entry.entry))
    for point in points[KIND_GROUP]:
        begin(point.name)
        yield from _kind(point, list(catalog.entries.values()))
    for point in points[COMMAND_GROUP]:
        begin(f"zoo {point.name}")
        yield from _check(f"zoo {point.name}", partial(_command, point))


def _provider(name: str) -> Provider:
    """Return the plugin distribution of this name."""
    providers = {provider_of(point) for group in GROUPS for point in allowed_entry_points(group)}
    providers |= {folder.provider for folder in folders() if folder.provider}
    for provider in providers:
        if plugins.normalized_name(provider.name) == plugins.normalized_name(name):
            return provider
    names = ", ".join(sorted(provider.name for provider in providers))
    raise ConfigError(f"There is no plugin named {name!r}.", hint=f"Choose from: {names}.")


def _kind(point: EntryPoint, listed: list[CatalogEntry]) -> Iterator[CheckResult]:
    """Check a kind with the options of every entry that names it, or without options."""
    if fault := name_problem(point):
        yield CheckResult(point.name, fault)
        return
    plugin_type, _, name = point.name.partition(".")
    model = SECTIONS[plugin_type]
    sections: list[PluginKind] = []
    for entry in listed:
        for _, section in iter_plugin_kinds(entry.entry):
            if isinstance(section, model) and section.kind == name and section not in sections:
                sections.append(section)
    if not sections and plugin_type != "data":
        section = model.model_validate({"kind": name})
        try:
            needed = plugin_call.required_options(section)
        except ZooError as error:
            yield CheckResult(point.name, str(error))
            return
        if needed:
            yield CheckResult(
                point.name, f"its option {needed[0]} has no default, and no entry sets it."
            )
            return
        sections = [section]
    if not sections:
        yield CheckResult(point.name, "no entry names it, so the shape of its rows is unknown.")
    for section in sections:
        options = ", ".join(f"{key} = {value!r}" for key, value in section.options.items())
        subject = f"{point.name} ({options})" if options else point.name
        yield from _check(subject, partial(checks.CHECKS[plugin_type], section))


def _check(subject: str, check: Callable[[], Iterator[str]]) -> Iterator[CheckResult]:
    """Yield a result for each fault, or one without a fault; an exception is a fault."""
    try:
        faults = list(check())
    except DivergedError:
        faults = ["its loss is NaN or infinite after the first steps."]
    except ZooError as error:
        faults = [str(error)]
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # noqa: BLE001 - plugin code may raise anything, also SystemExit
        faults = [f"{describe(error)}."]
    yield from [CheckResult(subject, fault) for fault in faults] or [CheckResult(subject)]


def _command(point: EntryPoint) -> Iterator[str]:
    if not isinstance(plugins.load(point), typer.Typer):
        yield f"{point.value} is not a typer.Typer."
