"""The environment of zoo, as an issue needs it: versions, machine, settings, folders, data."""

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from zoo import __version__
from zoo.config.entry_paths import user_folders
from zoo.config.packages import folder_of
from zoo.config.plugins import (
    BUILTIN_DISTRIBUTION,
    GROUPS,
    allowed_entry_points,
    provider_of,
)
from zoo.data.inventory import find_files
from zoo.data.locations import locations_from_environment
from zoo.errors import ZooError, describe
from zoo.parallel.cpus import cpu_count
from zoo.system.machine import processor
from zoo.system.names import home_folder

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)[^;]*(?P<marker>;.*)?")
EXTRA = re.compile(r"extra == [\"'](?P<name>[\w-]+)")
DEVELOPMENT = {"dev", "test"}  # extras that no command of zoo needs
SETTING = re.compile(r"ZOO_\w+|OPENBLAS_\w+")  # no other variable is anybody's business
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS", re.IGNORECASE)
SECRET_IN_URL = re.compile(r"(?<=://)[^/\s,]*@|(?<=\?)[^\s,]+")  # name:password@, and ?token=...


def environment(runs: Path) -> dict[str, Any]:
    """Return all facts, by section; the home directory is ~, and secrets are ***."""
    return {
        "system": _system(),
        "settings": settings(),
        "packages": packages(),
        "folders": _folders(runs),
        "plugins": _plugins(),
        "data": _data(),
    }


def _system() -> dict[str, Any]:
    """Return the versions of zoo and Python, and the machine."""
    try:
        from zoo.training.environment import environment_info  # imports NumPy

        blas = {name: environment_info()[name] for name in ("blas", "kernel")}
    except Exception as error:  # noqa: BLE001 - a damaged NumPy is worth an issue
        blas = {"blas": f"NumPy cannot be imported: {describe(error)}", "kernel": None}
    return {
        "zoo": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "platform": platform.platform(),
        "processor": processor(),
        "cores": cpu_count(),
        **blas,
    }


def settings() -> dict[str, str]:
    """Return the environment variables of zoo and of OpenBLAS."""
    return {
        name: "***" if SECRET_NAME.search(name) else without_secrets(os.environ[name])
        for name in sorted(os.environ)
        if SETTING.fullmatch(name)
    }


def packages() -> dict[str, str | None]:
    """Return the version of each dependency, None if it is missing, and of installed extras."""
    found: dict[str, str | None] = {}
    for name, is_required in _requirements(distribution(BUILTIN_DISTRIBUTION).requires or []):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            if is_required:
                found[name] = None
    return found


def _requirements(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield the name of each package that a command may need, and whether all need it."""
    for line in lines:
        requirement = REQUIREMENT.match(line)
        if requirement is None:
            continue
        marker = requirement["marker"] or ""
        is_for_users = DEVELOPMENT.isdisjoint(EXTRA.findall(marker))
        if is_for_users and requirement["name"] != BUILTIN_DISTRIBUTION:
            yield requirement["name"], not marker


def _folders(runs: Path) -> dict[str, dict[str, Any]]:
    """Return each folder with its path, and whether it exists."""
    locations = locations_from_environment(offline=True)
    entries = user_folders()
    folders: dict[str, Path | None] = {
        "zoo": folder_of("zoo"),
        "cache": locations.cache,
        "data": locations.folder,
        "runs": runs,
        **{
            "entries" if number == 1 else f"entries {number}": path
            for number, path in enumerate(entries, start=1)
        },
    }
    return {
        name: {"path": without_secrets(str(path)), "exists": os.path.exists(path)}  # noqa: PTH110 - Path.exists may raise
        for name, path in folders.items()
        if path
    }


def _plugins() -> dict[str, str]:
    """Return the version of each plugin."""
    providers = {
        provider_of(entry_point) for group in GROUPS for entry_point in allowed_entry_points(group)
    }
    return {
        provider.name: provider.version
        for provider in sorted(providers)
        if provider.name != BUILTIN_DISTRIBUTION
    }


def _data() -> dict[str, str | None]:
    """Return the location of each dataset, None if it is missing."""
    try:
        found = find_files(locations_from_environment(offline=True))
    except ZooError as error:  # ZOO_DATA does not exist, or may not be read
        found = {"problem": str(error)}
    return {name: where and without_secrets(where) for name, where in found.items()}


def without_secrets(text: str) -> str:
    """Return the text with ~ for the home directory, and *** for secrets in addresses."""
    return SECRET_IN_URL.sub(_hidden, _with_tilde(text))


def _hidden(secret: re.Match[str]) -> str:
    return "***@" if secret[0].endswith("@") else "***"


def _with_tilde(text: str) -> str:
    home = home_folder()
    return re.sub(rf"{re.escape(home)}(?=$|[/\\:;,\s])", "~", text) if home else text
