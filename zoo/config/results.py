"""What was measured: the rows of a results file, one a training, and what they come to."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.config import cache_key
from zoo.config.entry import Entry
from zoo.config.packages import folder_of
from zoo.errors import CorruptFileError, ZooError


@dataclass(frozen=True)
class Result:
    """One training that is on record."""

    entry: str
    seed: int
    split: str
    accuracy: float
    loss: float
    seconds: float
    fingerprint: str
    versions: str
    data: str  # the digest of what was trained on
    recipe: str  # as in zoo.config.cache_key


COLUMNS = tuple(Result.__dataclass_fields__)


def read(path: Path) -> list[Result]:
    """Return the rows of a results file, in its order."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CorruptFileError(f"{path} cannot be read as text.") from None
    rows = csv.DictReader(lines)
    try:
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise CorruptFileError(f"{path} is no results file: its header is {rows.fieldnames}.")
        return [_result(path, rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise CorruptFileError(f"{path} is no results file: {error}.") from None


def _result(path: Path, line: int, row: dict[str, str]) -> Result:
    try:
        found = Result(
            entry=row["entry"],
            seed=int(row["seed"]),
            split=row["split"],
            accuracy=float(row["accuracy"]),
            loss=float(row["loss"]),
            seconds=float(row["seconds"]),
            fingerprint=row["fingerprint"],
            versions=row["versions"],
            data=row["data"],
            recipe=row["recipe"],
        )
    except (ValueError, TypeError) as error:
        raise CorruptFileError(f"{path}, line {line}, is no result: {error}.") from None
    numbers = (found.loss, found.seconds)
    if not 0 <= found.accuracy <= 1 or not all(map(math.isfinite, numbers)):
        raise CorruptFileError(f"{path}, line {line}, holds a number that cannot be.")
    return found


@dataclass(frozen=True)
class RecordedResults:
    """The results of each entry on the split that counts, and what is wrong with their files."""

    results: dict[str, list[Result]]
    faults: list[str]


def results_of(entries: Iterable[Entry]) -> RecordedResults:
    """Return what is on record for these entries; each file is read once."""
    found: dict[str, list[Result]] = {}
    files: dict[Path, list[Result]] = {}
    faults = []
    for entry in entries:
        found[entry.name] = []
        folder = folder_of(entry.results.package) if entry.results else None
        if folder is None or entry.results is None:
            continue
        path = folder / entry.results.file
        if path not in files:
            try:
                files[path] = read(path) if path.is_file() else []
            except ZooError as error:
                files[path] = []
                faults.append(str(error))
        wanted = (entry.name, entry.evaluation_split, cache_key.recipe_digest(entry))
        found[entry.name] = [
            row for row in files[path] if (row.entry, row.split, row.recipe) == wanted
        ]
    return RecordedResults(found, faults)
