"""`zoo check`: every fault of an entry's file with its line, or what its training will need."""

from __future__ import annotations

import json
import re
import time
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import completion, options

if TYPE_CHECKING:
    from zoo.config.entry import Entry, Raw

MINUTE = 60


def check(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Entries as TOML, or names of entries.",
            autocompletion=completion.entries,
        ),
    ],
    *,
    json_: options.JsonOption = False,
) -> None:
    """Name every fault of an entry with its line, or else what its training will need."""
    found = [_checked(_file(word)) for word in words]
    if json_:
        print(json.dumps(found, indent=2))
    else:
        for one in found:
            print("\n".join(_words(one)))
    if any(one["faults"] for one in found):
        raise typer.Exit(2)


def _file(word: str) -> Path:
    """Return the file of an entry, which is named by its path or by its name."""
    if word.endswith(".toml") or Path(word).exists():
        return Path(word)
    return options.find_entry(word).path


def _checked(file: Path) -> dict[str, Any]:
    """Return what is to be said of a file, as JSON has it."""
    from zoo.config import load
    from zoo.config.catalog import read_text
    from zoo.config.toml_lines import line_of, lines
    from zoo.errors import ConfigError
    from zoo.training.estimate import estimate

    found: dict[str, Any] = {"file": str(file), "faults": []}
    try:
        text = read_text(file)
    except ConfigError as error:
        return found | {"faults": [{"line": 1, "key": "the entry", "fault": str(error)}]}
    try:
        raw = load.parse(text, where="this")
        entry = _valid(raw)
        needed = estimate(entry, time.perf_counter)
    except load.InvalidEntryError as error:
        known = lines(text)
        faults = [
            {"line": line_of(one.path, known), "key": one.key, "fault": one.message}
            for one in error.issues
        ]
        found["faults"] = sorted(faults, key=itemgetter("line", "key"))
        return found
    except ConfigError as error:  # of the TOML itself, or of a network too large to build
        said = str(error)
        named = re.search(r"\(at line (\d+), ", said)
        line = int(named[1]) if named else 1
        found["faults"] = [{"line": line, "key": "the entry", "fault": said}]
        return found
    return found | {
        "name": entry.name,
        "network": entry.architecture,
        "parameters": needed.parameters,
        "steps": needed.steps,
        "bytes": needed.memory,
        "seconds": needed.seconds,
    }


def _valid(raw: Raw) -> Entry:
    """Return the entry, or raise with all that is wrong with it and with its packages' options."""
    from zoo.config import load, plugin_call

    theirs = plugin_call.issues_in(raw)
    try:
        entry = load.check(raw, where="this")
    except load.InvalidEntryError as error:
        raise load.InvalidEntryError("this", [*error.issues, *theirs]) from None
    if theirs:
        raise load.InvalidEntryError("this", theirs)
    return entry


def _words(found: dict[str, Any]) -> list[str]:
    from .output import tables

    file = tables.plain(found["file"])
    here = "on one core of this machine as it is now"
    if found["faults"]:
        return [
            f"{file}:{one['line']}: {tables.plain(one['key'])}: {tables.plain(one['fault'])}"
            for one in found["faults"]
        ]
    return [
        f"{file}: {found['name']} is an entry without a fault",
        f"  network  {found['network']}, {found['parameters']:,} parameters",
        f"  memory   about {found['bytes'] / 1e6:,.0f} MB",
        f"  time     about {_time(found['seconds'])} for {found['steps']:,} steps, {here}",
    ]


def _time(seconds: float) -> str:
    from . import progress

    return f"{seconds:.1f} s" if seconds < MINUTE else progress.span(seconds)
