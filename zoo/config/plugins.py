"""What installed packages bring to zoo: read off their metadata, so that none of their code runs.

A package answers entry-point groups:

    zoo.registry   the name of a package whose folder holds entries as TOML
    zoo.commands   a typer.Typer that becomes `zoo NAME`
    zoo.kinds      what stands behind a `kind` of an entry; its name is SORT.KIND
"""

import logging
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import cache
from importlib.metadata import EntryPoint, distributions, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from zoo.config.packages import files_of
from zoo.errors import ConfigError, Stopped, ZooError, describe

BUILTIN_DISTRIBUTION = "numpy-zoo"  # the distribution whose entries come first
KIND_GROUP = "zoo.kinds"
COMMAND_GROUP = "zoo.commands"

_warned: set[str] = set()


class Provider(NamedTuple):
    """A distribution that brings something."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


def provider_of(point: EntryPoint) -> Provider:
    """Return the distribution that an entry point belongs to."""
    name, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    return Provider(name or point.name, version or "")  # metadata may be lost


def allowed_entry_points(group: str) -> list[EntryPoint]:
    """Return what is brought to a group: ours first, then others by name, as far as allowed.

    ZOO_PLUGINS names the distributions that are, or says none; without it all are.
    """
    wanted = os.environ.get("ZOO_PLUGINS")
    allowed = (
        None if wanted is None else {BUILTIN_DISTRIBUTION, *map(normalized_name, wanted.split(","))}
    )
    found = [
        point
        for point in _entry_points(group)
        if allowed is None or normalized_name(provider_of(point).name) in allowed
    ]
    return sorted(
        found,
        key=lambda point: (provider_of(point).name != BUILTIN_DISTRIBUTION, provider_of(point)),
    )


def kinds(*plugin_types: str) -> dict[str, EntryPoint]:
    """Return the kinds of these sorts by their names; the first to take a name has it."""
    found = _kinds(os.environ.get("ZOO_PLUGINS"))
    return {
        name: several[0]
        for sort in reversed(plugin_types)
        for name, several in found.get(sort, {}).items()
    }


def is_first(point: EntryPoint) -> bool:
    """Whether a kind is had by this name from this package, and not from one before it."""
    return provider_of(_with_this_name(point)[0]) == provider_of(point)


def warn_of_duplicates(point: EntryPoint) -> None:
    """Say once that others bring a kind of the same name, which is not the one that is used."""
    first, *others = map(provider_of, _with_this_name(point))
    if others:
        names = " and ".join(map(str, others))
        warn(
            f"{point.name!r} is that of {first}; {names} brings one too, which is not used: "
            "`pip uninstall` or ZOO_PLUGINS chooses."
        )


def _with_this_name(point: EntryPoint) -> list[EntryPoint]:
    sort, _, name = point.name.partition(".")
    return _kinds(os.environ.get("ZOO_PLUGINS"))[sort][name]


@cache
def _kinds(_allowed: str | None) -> dict[str, dict[str, list[EntryPoint]]]:
    found: dict[str, dict[str, list[EntryPoint]]] = {}
    for point in allowed_entry_points(KIND_GROUP):
        sort, _, name = point.name.partition(".")
        found.setdefault(sort, {}).setdefault(name, []).append(point)
    return found


def _entry_points(group: str) -> list[EntryPoint]:
    """Return all that is brought to a group; a package whose metadata is damaged hides no other."""
    try:
        return list(entry_points(group=group))
    except Exception:  # noqa: BLE001 - importlib says it in many ways
        found: list[EntryPoint] = []
        for one in distributions():
            try:
                found += one.entry_points.select(group=group)
            except Exception:  # noqa: BLE001
                warn(f"The metadata of {one.name} is damaged: install it again, or uninstall it.")
        return found


def warn(words: str) -> None:
    """Say something once, however often the packages are asked."""
    if words not in _warned:
        _warned.add(words)
        logging.getLogger("zoo").warning(words)


def normalized_name(name: str) -> str:
    """Return a distribution's name as all of its spellings have it."""
    return name.strip().lower().replace("_", "-").replace(".", "-")


class MissingPluginError(ConfigError):
    """Something whose kinds came from packages that are not here, or are not listened to."""

    def __init__(self, where: str, packages: Mapping[str, str], fault: object) -> None:
        here = {
            normalized_name(provider_of(point).name) for point in allowed_entry_points(KIND_GROUP)
        }
        lacking = [name for name in packages if normalized_name(name) not in here]
        whom = " and ".join(f"{name} {packages[name].split()[0]}" for name in lacking)
        hint = f"`pip install {' '.join(lacking)}`" if lacking else "`zoo plugins` shows what is."
        if "ZOO_PLUGINS" in os.environ:
            hint += f" ZOO_PLUGINS={os.environ['ZOO_PLUGINS']} says whom zoo listens to."
        super().__init__(
            f"{where} needs {whom or 'a package'}, which is not here: {fault}", hint=hint
        )


def provider_of_error(error: BaseException) -> tuple[Provider, str] | None:
    """Return whose code an error comes from, and where it stands; nothing, if it is ours."""
    places: dict[Path, Provider] = {}
    for point in [*allowed_entry_points(KIND_GROUP), *allowed_entry_points(COMMAND_GROUP)]:
        if (who := provider_of(point)).name != BUILTIN_DISTRIBUTION:
            places |= dict.fromkeys(files_of(point.module.partition(".")[0]), who)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if found := places.get(Path(frame.filename)):
            return found, f"{frame.filename}, line {frame.lineno}"
    return None


def load(point: EntryPoint) -> Any:
    """Import what an entry point names; what goes wrong there is said as theirs, whatever it is."""
    try:
        with redirect_stdout(sys.stderr):  # stdout is for data
            return point.load()
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:
        raise ZooError(
            f"{provider_of(point)} brings {point.name!r}, and {point.value} cannot be loaded: "
            f"{describe(error)}.",
            hint=f"`pip install -U {provider_of(point).name}` may mend it, "
            f"`pip uninstall {provider_of(point).name}` removes it.",
        ) from error
