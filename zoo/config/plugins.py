"""Plugins, listed from the metadata of installed packages without running their code.

A plugin declares entry points in these groups:

    zoo.registry   the name of a package whose folder contains entries as TOML
    zoo.commands   a typer.Typer that becomes `zoo NAME`
    zoo.kinds      the code of a `kind` in an entry; its name is TYPE.KIND
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache, lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from zoo.config.packages import files_of
from zoo.errors import ConfigError, Stopped, ZooError, describe
from zoo.system.commands import quote

BUILTIN_DISTRIBUTION = "numpy-zoo"  # its entries take precedence
ENTRY_GROUP = "zoo.registry"
KIND_GROUP = "zoo.kinds"
COMMAND_GROUP = "zoo.commands"
GROUPS = (ENTRY_GROUP, KIND_GROUP, COMMAND_GROUP)
NO_PLUGIN = "none"

_warned: set[str] = set()


class Provider(NamedTuple):
    """A distribution that provides entries, kinds or commands."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


def provider_of(entry_point: EntryPoint) -> Provider:
    """Return the distribution that an entry point belongs to."""
    name, version = _name_and_version(entry_point.dist) if entry_point.dist else ("", "")
    return Provider(name or entry_point.name, version)


@lru_cache(maxsize=1000)  # a package of 30,000 kinds is one distribution, whose file is parsed once
def _name_and_version(distribution: Distribution) -> tuple[str, str]:
    """Return both, or empty texts if the metadata is missing; raise if it is damaged."""
    return distribution.name or "", distribution.version or ""


def allowed_entry_points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group: the built-in ones, then those of allowed plugins by name.

    ZOO_PLUGINS lists the allowed distributions, or is "none"; without it all are allowed.
    """
    names = os.environ.get("ZOO_PLUGINS")
    allowed = (
        None if names is None else {BUILTIN_DISTRIBUTION, *map(normalized_name, names.split(","))}
    )
    return sorted(
        (
            entry_point
            for entry_point in _entry_points(group)
            if allowed is None or normalized_name(provider_of(entry_point).name) in allowed
        ),
        key=lambda entry_point: (
            provider_of(entry_point).name != BUILTIN_DISTRIBUTION,
            provider_of(entry_point),
        ),
    )


def unknown_names() -> list[str]:
    """Return the names in ZOO_PLUGINS that no installed plugin has; an empty one is among them."""
    setting = os.environ.get("ZOO_PLUGINS", NO_PLUGIN)
    if normalized_name(setting) == NO_PLUGIN:
        return []
    installed = {
        normalized_name(provider_of(entry_point).name)
        for group in GROUPS
        for entry_point in _entry_points(group)
    }
    names = [name.strip() for name in setting.split(",")]
    return [name for name in names if normalized_name(name) not in installed]


def kinds(*plugin_types: str) -> dict[str, EntryPoint]:
    """Return the kinds of these plugin types by name; the first provider of a name wins."""
    by_type = _kinds(os.environ.get("ZOO_PLUGINS"))
    return {
        name: entry_points[0]
        for plugin_type in reversed(plugin_types)
        for name, entry_points in by_type.get(plugin_type, {}).items()
    }


def is_first(entry_point: EntryPoint) -> bool:
    """Return whether the provider of an entry point is the first that provides its name."""
    return provider_of(_same_name(entry_point)[0]) == provider_of(entry_point)


def warn_of_duplicates(entry_point: EntryPoint) -> None:
    """Warn once if several plugins provide a kind of this name."""
    first, *others = map(provider_of, _same_name(entry_point))
    if others:
        names = " and ".join(map(str, others))
        warn(
            f"Using {entry_point.name!r} of {first} and ignoring that of {names}; uninstall one, "
            "or choose with ZOO_PLUGINS."
        )


def _same_name(entry_point: EntryPoint) -> list[EntryPoint]:
    plugin_type, _, name = entry_point.name.partition(".")
    return _kinds(os.environ.get("ZOO_PLUGINS"))[plugin_type][name]


@cache
def _kinds(_allowed: str | None) -> dict[str, dict[str, list[EntryPoint]]]:
    by_type: dict[str, dict[str, list[EntryPoint]]] = {}
    for entry_point in allowed_entry_points(KIND_GROUP):
        plugin_type, _, name = entry_point.name.partition(".")
        by_type.setdefault(plugin_type, {}).setdefault(name, []).append(entry_point)
    return by_type


def _entry_points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group; damaged metadata of one package hides no others."""
    try:
        found = list(entry_points(group=group))
    except Exception:  # noqa: BLE001 - importlib raises many types
        found = []
        for distribution in distributions():
            try:
                found += distribution.entry_points.select(group=group)
            except Exception:  # noqa: BLE001 - as above
                _warn_of_damage(_name_of(distribution))
    return [entry_point for entry_point in found if _is_intact(entry_point)]


def _is_intact(entry_point: EntryPoint) -> bool:
    """Return whether the provider of an entry point is known; METADATA may not be UTF-8."""
    if entry_point.dist is None or _name_of(entry_point.dist):
        return True
    _warn_of_damage(f"the package that provides {entry_point.name!r}")
    return False


def _name_of(distribution: Distribution) -> str:
    """Return the name of a distribution; empty if its metadata cannot be read."""
    try:
        return _name_and_version(distribution)[0] or "a package"  # metadata may be missing
    except Exception:  # noqa: BLE001 - email raises many types
        return ""


def _warn_of_damage(name: str) -> None:
    warn(f"The metadata of {name or 'a package'} is damaged; reinstall or uninstall it.")


def warn(message: str) -> None:
    """Log a warning, once per process."""
    if message not in _warned:
        _warned.add(message)
        logging.getLogger("zoo").warning(message)


def normalized_name(name: str) -> str:
    """Return a distribution's name in the form that all its spellings share."""
    return name.strip().lower().replace("_", "-").replace(".", "-")


def restriction() -> str:
    """Return a sentence for a hint about a missing plugin, which ZOO_PLUGINS may exclude."""
    setting = os.environ.get("ZOO_PLUGINS")
    return "" if setting is None else f" ZOO_PLUGINS={setting} restricts the plugins."


class MissingPluginError(ConfigError):
    """A run or a file that needs a plugin that is not installed, or not allowed."""

    def __init__(self, where: str, packages: Mapping[str, str], problem: object) -> None:
        available = {
            normalized_name(provider_of(entry_point).name)
            for entry_point in allowed_entry_points(KIND_GROUP)
        }
        missing = [name for name in packages if normalized_name(name) not in available]
        names = " and ".join(f"{name} {packages[name].partition(' ')[0]}" for name in missing)
        hint = "Run `zoo plugins` to list the plugins."
        if missing:
            hint = f"Run `pip install {' '.join(missing)}`."
        hint += restriction()
        super().__init__(
            f"{where} needs {names or 'a plugin'}, which is not available: {problem}", hint=hint
        )


def provider_of_error(error: BaseException) -> tuple[Provider, str] | None:
    """Return the plugin whose code raised an error, and the line; None for built-in code."""
    providers: dict[Path, Provider] = {}
    for entry_point in [*allowed_entry_points(KIND_GROUP), *allowed_entry_points(COMMAND_GROUP)]:
        if (provider := provider_of(entry_point)).name != BUILTIN_DISTRIBUTION:
            providers |= dict.fromkeys(files_of(package_of(entry_point)), provider)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if plugin := providers.get(Path(frame.filename)):
            return plugin, f"{frame.filename}, line {frame.lineno}"
    return None


def package_of(entry_point: EntryPoint) -> str:
    """Return the package of an entry point, whose value may be any text."""
    return entry_point.value.partition(":")[0].partition(".")[0].strip()


@contextmanager
def own_surroundings() -> Iterator[None]:
    """Keep stdout, which is for data, and the folder in which the user's paths begin."""
    folder = None
    with suppress(OSError):  # it may be deleted
        folder = Path.cwd()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if folder:
            with suppress(OSError):  # as above
                os.chdir(folder)


def load(entry_point: EntryPoint) -> Any:
    """Return the object of an entry point; any exception is raised as an error of its plugin."""
    try:
        with own_surroundings():
            return entry_point.load()
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:
        provider = provider_of(entry_point)
        raise ZooError(
            f"{provider} provides {entry_point.name!r}, but {entry_point.value} cannot be loaded: "
            f"{describe(error)}.",
            hint=f"Update it with `pip install -U {quote(provider.name)}`, or remove it with "
            f"`pip uninstall {quote(provider.name)}`.",
        ) from error
