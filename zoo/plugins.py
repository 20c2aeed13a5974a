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

from zoo.errors import ConfigError, Stopped, ZooError, told
from zoo.packages import files_of

OURS = "numpy-zoo"  # the distribution whose entries come first
KINDS = "zoo.kinds"
COMMANDS = "zoo.commands"

_said: set[str] = set()


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


def points(group: str) -> list[EntryPoint]:
    """Return what is brought to a group: ours first, then others by name, as far as allowed.

    ZOO_PLUGINS names the distributions that are, or says none; without it all are.
    """
    wanted = os.environ.get("ZOO_PLUGINS")
    allowed = None if wanted is None else {OURS, *map(plain, wanted.split(","))}
    found = [
        point
        for point in _answers(group)
        if allowed is None or plain(provider_of(point).name) in allowed
    ]
    return sorted(found, key=lambda point: (provider_of(point).name != OURS, provider_of(point)))


def kinds(*sorts: str) -> dict[str, EntryPoint]:
    """Return the kinds of these sorts by their names; the first to take a name has it."""
    found = _kinds(os.environ.get("ZOO_PLUGINS"))
    return {
        name: several[0]
        for sort in reversed(sorts)
        for name, several in found.get(sort, {}).items()
    }


def is_first(point: EntryPoint) -> bool:
    """Whether a kind is had by this name from this package, and not from one before it."""
    return provider_of(_namesakes(point)[0]) == provider_of(point)


def warn_of_namesakes(point: EntryPoint) -> None:
    """Say once that others bring a kind of the same name, which is not the one that is used."""
    first, *others = map(provider_of, _namesakes(point))
    if others:
        names = " and ".join(map(str, others))
        warn(
            f"{point.name!r} is that of {first}; {names} brings one too, which is not used: "
            "`pip uninstall` or ZOO_PLUGINS chooses."
        )


def _namesakes(point: EntryPoint) -> list[EntryPoint]:
    sort, _, name = point.name.partition(".")
    return _kinds(os.environ.get("ZOO_PLUGINS"))[sort][name]


@cache
def _kinds(_allowed: str | None) -> dict[str, dict[str, list[EntryPoint]]]:
    found: dict[str, dict[str, list[EntryPoint]]] = {}
    for point in points(KINDS):
        sort, _, name = point.name.partition(".")
        found.setdefault(sort, {}).setdefault(name, []).append(point)
    return found


def _answers(group: str) -> list[EntryPoint]:
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
    if words not in _said:
        _said.add(words)
        logging.getLogger("zoo").warning(words)


def plain(name: str) -> str:
    """Return a distribution's name as all of its spellings have it."""
    return name.strip().lower().replace("_", "-").replace(".", "-")


class NeedsPackage(ConfigError):  # noqa: N818 - what it needs
    """Something whose kinds came from packages that are not here, or are not listened to."""

    def __init__(self, where: str, packages: Mapping[str, str], fault: object) -> None:
        here = {plain(provider_of(point).name) for point in points(KINDS)}
        lacking = [name for name in packages if plain(name) not in here]
        whom = " and ".join(f"{name} {packages[name].split()[0]}" for name in lacking)
        hint = f"`pip install {' '.join(lacking)}`" if lacking else "`zoo plugins` shows what is."
        if "ZOO_PLUGINS" in os.environ:
            hint += f" ZOO_PLUGINS={os.environ['ZOO_PLUGINS']} says whom zoo listens to."
        super().__init__(
            f"{where} needs {whom or 'a package'}, which is not here: {fault}", hint=hint
        )


def culprit(error: BaseException) -> tuple[Provider, str] | None:
    """Return whose code an error comes from, and where it stands; nothing, if it is ours."""
    places: dict[Path, Provider] = {}
    for point in [*points(KINDS), *points(COMMANDS)]:
        if (who := provider_of(point)).name != OURS:
            places |= dict.fromkeys(files_of(point.module.partition(".")[0]), who)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if found := places.get(Path(frame.filename)):
            return found, f"{frame.filename}, line {frame.lineno}"
    return None


def load(point: EntryPoint) -> Any:  # noqa: ANN401 - whatever the package has there
    """Import what an entry point names; what goes wrong there is said as theirs, whatever it is."""
    try:
        with redirect_stdout(sys.stderr):  # stdout is for data
            return point.load()
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:
        raise ZooError(
            f"{provider_of(point)} brings {point.name!r}, and {point.value} cannot be loaded: "
            f"{told(error)}.",
            hint=f"`pip install -U {provider_of(point).name}` may mend it, "
            f"`pip uninstall {provider_of(point).name}` removes it.",
        ) from error
