"""`zoo check`: every problem of an entry file with its line, or a training estimate."""

from __future__ import annotations

import re
import time
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import completion, options, terminal
from .output.check import WHOLE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.config.entry import Entry, Raw

    from .output.result import Result


def check(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="TOML files, names of entries, or data.",
            autocompletion=completion.entries,
        ),
    ],
) -> None:
    """List an entry's problems, or estimate its training."""
    from .output.check import check_result
    from .output.result import write_each

    has_faults = False

    def results() -> Iterator[Result]:
        nonlocal has_faults
        for file in files:
            facts = _checked_data(file) if isinstance(file, str) else _checked(file)
            has_faults = has_faults or bool(facts["faults"])
            yield check_result(facts)

    files = [_file(name) for name in names]
    write_each(results())
    if has_faults:
        raise typer.Exit(2)


def _file(name: str) -> Path | str:
    """Return the file of an entry, given its path or its name; the name itself if it is of data."""
    from zoo.data.own.data_entry import is_data

    if is_data(name):
        return name
    if name.endswith(".toml") or Path(name).is_file():  # a folder may have the name of an entry
        return Path(name)
    return options.find_entry(name).path


def _checked_data(name: str) -> dict[str, Any]:
    """Return the object of `zoo check --json` for the entry of a file or folder of data."""
    entry = options.find_complete_entry(name).entry
    return {"file": name, "faults": [], **_cost(entry)}


def _checked(file: Path) -> dict[str, Any]:
    """Return the object of `zoo check --json` for a file."""
    from zoo.config import load
    from zoo.config.catalog import read_text
    from zoo.config.toml_lines import line_of, lines
    from zoo.errors import ConfigError, CorruptFileError, DataError

    result: dict[str, Any] = {"name": file.stem, "file": str(file), "faults": []}
    try:
        text = read_text(file)
    except ConfigError as error:
        return result | {"faults": [{"line": 1, "key": WHOLE_FILE, "fault": str(error)}]}
    try:
        raw = load.parse(text, where="this")
        entry = _complete(_valid(raw), raw, file)
        _warn_of_data(entry)
        return result | _cost(entry)
    except load.InvalidEntryError as error:
        line_numbers = lines(text)
        faults = [
            {"line": line_of(issue.path, line_numbers), "key": issue.key, "fault": issue.message}
            for issue in error.issues
        ]
        result["faults"] = sorted(faults, key=itemgetter("line", "key"))
        return result
    except (DataError, CorruptFileError) as error:
        place = line_of(("data",), lines(text))
        result["faults"] = [
            {"line": place, "key": "data", "fault": f"{error} {error.hint}".rstrip()}
        ]
        return result
    except ConfigError as error:  # invalid TOML, or a network that is too large to build
        message = str(error)
        match = re.search(r"\(at line (\d+), ", message)
        line = int(match[1]) if match else 1
        result["faults"] = [{"line": line, "key": WHOLE_FILE, "fault": message}]
        return result


def _cost(entry: Entry) -> dict[str, Any]:
    """Return the network of an entry, and the estimate of its training."""
    from zoo.training.estimate import estimate

    needed = estimate(entry, time.perf_counter)
    return {
        "name": entry.name,
        "network": entry.architecture,
        "parameters": needed.parameters,
        "steps": needed.steps,
        "bytes": needed.memory,
        "seconds": needed.seconds,
    }


def _complete(entry: Entry, raw: Raw, file: Path) -> Entry:
    """Return the entry with what it does not state about the user's files, which are read."""
    from zoo.config.catalog import USER_FILE, CatalogEntry
    from zoo.config.own_data import FileData

    if not isinstance(entry.data, FileData):
        return entry
    from zoo.data.own.load import completed

    return completed(CatalogEntry(entry, raw, USER_FILE, file)).entry


def _warn_of_data(entry: Entry) -> None:
    """Print what may spoil a training on the user's files, which were just read."""
    from zoo.config.own_data import FileData

    if isinstance(entry.data, FileData):
        from zoo.data.own.load import load_own

        from .output.data_summary import summarized

        terminal.warn(summarized(entry, load_own(entry.data)).summary.warnings)


def _valid(raw: Raw) -> Entry:
    """Return the entry, or raise with all its problems, also those of plugin options."""
    from zoo.config import load, plugin_call

    plugin_issues = plugin_call.issues_in(raw)
    try:
        entry = load.check(raw, where="this")
    except load.InvalidEntryError as error:
        raise load.InvalidEntryError("this", [*error.issues, *plugin_issues]) from None
    if plugin_issues:
        raise load.InvalidEntryError("this", plugin_issues)
    return entry
