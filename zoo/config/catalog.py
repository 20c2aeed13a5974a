"""The entries that there are: from packages that answer the entry-point group, and from folders.

Nothing of a provider's code is run: its folder is found and its TOML files are read. A provider
that is broken is a fault on the list, and hides nobody else.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from zoo.config import load
from zoo.config.entry import Entry, Raw
from zoo.config.entry_paths import folders, toml_files
from zoo.errors import ISSUE_BREAK, ConfigError, ZooError

USER_FILE = "file"  # the provider of an entry that its user named by a path


@dataclass(frozen=True)
class CatalogEntry:
    """An entry with where it comes from."""

    entry: Entry
    raw: Raw
    provider: str
    path: Path

    def with_changes(self, changes: Sequence[tuple[str, object]]) -> Entry:
        """Return the entry with values set at dotted keys; None takes a key away."""
        where = f"{self.entry.name} with your changes" if changes else str(self.path)
        return load.check(load.override(self.raw, changes), where=where)


@dataclass
class Catalog:
    """Every entry by name, and everything that kept another one out."""

    entries: dict[str, CatalogEntry] = field(default_factory=dict)
    problems_by_provider: dict[str, list[str]] = field(default_factory=dict)  # by provider

    @property
    def problems(self) -> list[str]:
        """Everything that kept an entry out."""
        return [fault for faults in self.problems_by_provider.values() for fault in faults]

    def add_problem(self, provider: str, fault: str) -> None:
        """Put down what is wrong with what a provider brings."""
        self.problems_by_provider.setdefault(provider, []).append(fault)

    def find(self, name: str) -> CatalogEntry:
        """Return the entry of that name, or suggest the nearest."""
        if name in self.entries:
            return self.entries[name]
        raise UnknownEntryError(name, list(self.entries), self.problems)

    def matching(self, patterns: list[str]) -> list[CatalogEntry]:
        """Return the entries whose names fit any of the patterns; all, if there are none."""
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in self.entries):
                raise UnknownEntryError(pattern, list(self.entries), self.problems)
        return [
            listed
            for name, listed in self.entries.items()
            if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
        ]


class UnknownEntryError(ConfigError):
    """A name that no provider brings, or brings as it should."""

    def __init__(self, name: str, known: list[str], problems: list[str]) -> None:
        close = get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "`zoo list` shows them all."
        if left_out := [fault for fault in problems if f"{os.sep}{name}.toml" in fault]:
            hint = left_out[0]
        elif problems:
            hint += f" {len(problems)} that are no good are left out: `zoo plugins` says why."
        super().__init__(f"There is no entry named {name!r}.", hint=hint)


def read_catalog() -> Catalog:
    """Return what all providers bring: we, other packages by name, folders of the user's own."""
    catalog = Catalog()
    for folder in folders():
        if folder.path:
            _add_all(catalog, folder.path, folder.label)
        elif folder.provider:
            catalog.add_problem(
                folder.label,
                f"{folder.provider} names the package {folder.package!r}, which is not there: "
                f"install it again, or `pip uninstall {folder.provider.name}`.",
            )
    return catalog


def find(word: str | Path) -> CatalogEntry:
    """Return the entry of a name, or the one in a TOML file."""
    path = Path(word)
    return read_entry(path) if path.suffix == ".toml" else read_catalog().find(str(word))


def _add_all(catalog: Catalog, folder: Path, provider: str) -> None:
    """Add the entries in a folder, in their natural order."""
    try:
        paths = toml_files(folder)
    except OSError as error:
        catalog.add_problem(provider, f"The folder {folder} cannot be read: {error.strerror}.")
        return
    for path in paths:
        _add(catalog, path, provider)


def _add(catalog: Catalog, path: Path, provider: str) -> None:
    try:
        listed = read_entry(path, provider=provider)
    except ZooError as error:
        words = str(error).replace(ISSUE_BREAK, " ")
        catalog.add_problem(provider, f"{provider}: {words} {error.hint}".rstrip())
        return
    taken = catalog.entries.get(listed.entry.name)
    if taken:
        catalog.add_problem(
            provider,
            f"The name {listed.entry.name!r} is taken by {taken.provider} ({taken.path}), "
            f"so the entry of {provider} ({path}) is left out: another name helps, or "
            "ZOO_PLUGINS, which chooses between packages.",
        )
        return
    catalog.entries[listed.entry.name] = listed


def read_entry(path: Path, *, provider: str = USER_FILE) -> CatalogEntry:
    """Return the entry in a TOML file."""
    raw = load.parse(read_text(path), where=str(path))
    return CatalogEntry(load.check(raw, where=str(path)), raw, provider, path)


def read_text(path: Path) -> str:
    """Return the text of a file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigError(f"{path} cannot be read: {reason}.") from None
