"""The catalog of entries: the built-in ones, those of plugins, and those of the user's folders.

Reading it runs no code of a plugin: it only reads TOML files. A broken plugin is a problem in the
list, and hides no other.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from zoo.config import toml
from zoo.config.entry import Entry, Raw
from zoo.config.entry_paths import folders, toml_files
from zoo.config.load import InvalidEntryError, check, override, parse
from zoo.errors import ISSUE_BREAK, ConfigError, ZooError
from zoo.files import not_read
from zoo.system.commands import quote
from zoo.system.file_errors import reading_problem
from zoo.system.files import read_regular
from zoo.system.names import separators

USER_FILE = "file"  # the provider of an entry that the user named by a path


@dataclass(frozen=True)
class CatalogEntry:
    """An entry with its provider and its file."""

    entry: Entry
    raw: Raw
    provider: str
    path: Path
    text: str = ""  # the TOML of `raw`, with its comments; empty if there is no file

    def with_changes(self, changes: Sequence[tuple[str, object]]) -> Entry:
        """Return the entry with values set at dotted keys; None removes a key."""
        where = f"{self.entry.name} with your changes" if changes else str(self.path)
        self._check_unit(dict(changes))
        return check(override(self.raw, changes), where=where)

    def _check_unit(self, changes: Mapping[str, object]) -> None:
        """Raise if the changes give a length in the other unit, without removing the entry's."""
        unit = f"{self.entry.train.unit}s"
        other = "iterations" if unit == "epochs" else "epochs"
        is_given = any(changes.get(key) is not None for key in (other, f"train.{other}"))
        if is_given and f"train.{unit}" not in changes:
            raise ConfigError(
                f"{self.entry.name} counts {unit}, not {other}.", hint=f"Set train.{unit} instead."
            )


@dataclass
class Catalog:
    """All entries by name, and the problems of skipped ones."""

    entries: dict[str, CatalogEntry] = field(default_factory=dict)
    problems_by_provider: dict[str, list[str]] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """The problems of all providers."""
        return [problem for problems in self.problems_by_provider.values() for problem in problems]

    def add_problem(self, provider: str, problem: str) -> None:
        """Record a problem with one of a provider's entries."""
        self.problems_by_provider.setdefault(provider, []).append(problem)

    def find(self, name: str) -> CatalogEntry:
        """Return the entry of this name, or raise an error that suggests the nearest."""
        if name in self.entries:
            return self.entries[name]
        raise UnknownEntryError(name, list(self.entries), self.problems)

    def matching(self, patterns: list[str]) -> list[CatalogEntry]:
        """Return the entries whose names match any of the patterns; all without patterns."""
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in self.entries):
                raise UnknownEntryError(pattern, list(self.entries), self.problems)
        return [
            catalog_entry
            for name, catalog_entry in self.entries.items()
            if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
        ]


class UnknownEntryError(ConfigError):
    """A name without a valid entry."""

    def __init__(self, name: str, names: list[str], problems: list[str]) -> None:
        close = get_close_matches(name, names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "Run `zoo list` to see all entries."
        files = [f"{separator}{name}.toml" for separator in separators()]
        if skipped := [problem for problem in problems if any(file in problem for file in files)]:
            hint = skipped[0]
        elif os.path.isfile(name):  # noqa: PTH113 - Path.is_file may raise
            hint = "The file is none that zoo trains on: a folder, .csv, .tsv, .parquet, .npz, IDX."
        elif problems:
            hint += f" Problems with entries: {len(problems)}; run `zoo plugins` for details."
        super().__init__(f"There is no entry named {name!r}.", hint=hint)


def read_catalog() -> Catalog:
    """Return the built-in entries, those of plugins by name, and those of the user's folders."""
    catalog = Catalog()
    for folder in folders():
        if folder.path:
            _add_all(catalog, folder.path, folder.label)
        elif folder.provider:
            catalog.add_problem(
                folder.label,
                f"{folder.provider} names the package {folder.package!r}, which does not exist: "
                f"reinstall it, or run `pip uninstall {quote(folder.provider.name)}`.",
            )
    return catalog


def find(name: str | Path) -> CatalogEntry:
    """Return the entry of a name, or the one in a TOML file."""
    path = Path(name)
    return read_entry(path) if path.suffix == ".toml" else read_catalog().find(str(name))


def _add_all(catalog: Catalog, folder: Path, provider: str) -> None:
    """Add the entries in a folder, in natural order."""
    try:
        paths = toml_files(folder)
    except OSError as error:
        catalog.add_problem(provider, f"The folder {reading_problem(folder, error)}")
        return
    for path in paths:
        _add(catalog, path, provider)


def _add(catalog: Catalog, path: Path, provider: str) -> None:
    try:
        catalog_entry = read_entry(path, provider=provider)
    except ZooError as error:
        message = str(error)
        if isinstance(error, InvalidEntryError) and len(error.issues) > 1:
            message = f"{path} has {len(error.issues)} problems: run `zoo check {path}`."
        message = message.replace(ISSUE_BREAK, " ")
        catalog.add_problem(provider, f"{provider}: {message} {error.hint}".rstrip())
        return
    name = catalog_entry.entry.name
    if first := catalog.entries.get(name):
        catalog.add_problem(
            provider,
            f"The name {name!r} is taken by {first.provider} ({first.path}), so the entry of "
            f"{provider} ({path}) is skipped: rename it, or choose a plugin with ZOO_PLUGINS.",
        )
        return
    catalog.entries[name] = catalog_entry


def read_entry(path: Path, *, provider: str = USER_FILE) -> CatalogEntry:
    """Return the entry in a TOML file."""
    text = read_text(path)
    raw = parse(text, where=str(path))
    return CatalogEntry(check(raw, where=str(path)), raw, provider, path, text)


def read_text(path: Path) -> str:
    """Return the text of a file."""
    try:
        content = read_regular(path, toml.MAX_BYTES)
        return content.decode("utf-8-sig")  # Notepad begins a file with a mark
    except OSError as error:
        raise not_read(path, error, ConfigError) from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{path} could not be read: it is not UTF-8 text.", hint="Save it as UTF-8."
        ) from None
