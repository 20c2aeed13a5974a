"""All trials of all that a package brings, one after the other."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import EntryPoint
from typing import NamedTuple

import typer

from zoo.config import plugin_call, plugins
from zoo.config.base import PluginKind, plugin_kinds
from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.entry_paths import GROUP, folders
from zoo.config.plugin_call import name_problem
from zoo.config.plugins import (
    COMMAND_GROUP,
    KIND_GROUP,
    Provider,
    allowed_entry_points,
    provider_of,
)
from zoo.errors import ConfigError, Stopped, ZooError, describe
from zoo.testing import checks
from zoo.training.loop import DivergedError

GROUPS = (GROUP, KIND_GROUP, COMMAND_GROUP)
SECTIONS = {
    sort: section for section in PluginKind.__subclasses__() for sort in section.plugin_types
}


class CheckResult(NamedTuple):
    """What was tried, and what is wrong with it; `fault` is empty where nothing is."""

    subject: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.fault or 'fine'}"


def check_package(name: str) -> list[str]:
    """Return what is wrong with what the distribution of this name brings."""
    return [str(one) for one in run_checks(name) if one.fault]


def run_checks(
    name: str, begin: Callable[[str], object] = lambda _subject: None
) -> Iterator[CheckResult]:
    """Try all that the distribution of this name brings; `begin` hears what comes next."""
    who = _provider(name)
    mine = {
        group: [one for one in allowed_entry_points(group) if provider_of(one) == who]
        for group in GROUPS
    }
    catalog = read_catalog()
    for fault in catalog.problems_by_provider.get(str(who), []):
        yield CheckResult("entries", fault)
    listed = [one for one in catalog.entries.values() if one.provider == str(who)]
    if mine[GROUP] and not listed:
        yield CheckResult("entries", "there is none in what zoo.registry names.")
    for one in listed:
        begin(f"entry {one.entry.name}")
        yield from _tried(f"entry {one.entry.name}", partial(checks.entry, one.entry))
    for point in mine[KIND_GROUP]:
        begin(point.name)
        yield from _kind(point, list(catalog.entries.values()))
    for point in mine[COMMAND_GROUP]:
        begin(f"zoo {point.name}")
        yield from _tried(f"zoo {point.name}", partial(_command, point))


def _provider(name: str) -> Provider:
    """Return the distribution of this name among those that bring something."""
    there = {provider_of(point) for group in GROUPS for point in allowed_entry_points(group)}
    there |= {folder.provider for folder in folders() if folder.provider}
    for one in there:
        if plugins.normalized_name(one.name) == plugins.normalized_name(name):
            return one
    known = ", ".join(sorted(one.name for one in there))
    raise ConfigError(f"No package named {name!r} brings anything to zoo.", hint=f"Known: {known}.")


def _kind(point: EntryPoint, listed: list[CatalogEntry]) -> Iterator[CheckResult]:
    """Try a kind with the options of every entry that names it, or with none."""
    if fault := name_problem(point):
        yield CheckResult(point.name, fault)
        return
    sort, _, name = point.name.partition(".")
    theirs = SECTIONS[sort]
    named: list[PluginKind] = []
    for one in listed:
        for _, section in plugin_kinds(one.entry):
            if isinstance(section, theirs) and section.kind == name and section not in named:
                named.append(section)
    if not named and sort != "data":
        section = theirs.model_validate({"kind": name})
        try:
            needed = plugin_call.required_options(section)
        except ZooError as error:
            yield CheckResult(point.name, str(error))
            return
        if needed:
            yield CheckResult(point.name, f"no entry names it, which would say its {needed[0]}.")
            return
        named = [section]
    if not named:
        yield CheckResult(point.name, "no entry names it, which would say what its rows are like.")
    for section in named:
        said = ", ".join(f"{key} = {value!r}" for key, value in section.options.items())
        words = f"{point.name} ({said})" if said else point.name
        yield from _tried(words, partial(checks.TRIALS[sort], section))


def _tried(subject: str, trial: Callable[[], Iterator[str]]) -> Iterator[CheckResult]:
    """Yield what a trial finds, or that it finds nothing; whatever fails in it is a finding."""
    try:
        found = list(trial())
    except DivergedError:
        found = ["its loss is no finite number after the first steps."]
    except ZooError as error:
        found = [str(error)]
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # noqa: BLE001 - it is their code, and SystemExit is one
        found = [f"{describe(error)}."]
    yield from [CheckResult(subject, fault) for fault in found] or [CheckResult(subject)]


def _command(point: EntryPoint) -> Iterator[str]:
    if not isinstance(plugins.load(point), typer.Typer):
        yield f"{point.value} is no typer.Typer."
