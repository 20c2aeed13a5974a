"""Files of measured results, with one row per training."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.config import cache_key
from zoo.config.entry import Entry
from zoo.config.packages import folder_of
from zoo.errors import CorruptFileError, ZooError
from zoo.system.files import read_regular


@dataclass(frozen=True)
class Result:
    """The recorded result of one training."""

    entry: str
    seed: int
    split: str
    accuracy: float
    loss: float
    seconds: float
    fingerprint: str
    versions: str
    data: str  # the digest of the dataset
    recipe: str  # its digest by zoo.config.cache_key


MAX_BYTES = 100_000_000  # of a results file
COLUMNS = tuple(Result.__dataclass_fields__)


def read(path: Path) -> list[Result]:
    """Return the rows of a results file, in the order of the file."""
    try:
        lines = read_regular(path, MAX_BYTES).decode().splitlines()
    except (OSError, UnicodeDecodeError):
        raise CorruptFileError(f"{path} cannot be read as text.") from None
    rows = csv.DictReader(lines)
    try:
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise CorruptFileError(
                f"{path} is not a results file; its header is {rows.fieldnames}."
            )
        return [_result(path, rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise CorruptFileError(f"{path} is not a results file: {error}.") from None


def _result(path: Path, line: int, row: dict[str, str]) -> Result:
    try:
        result = Result(
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
        raise CorruptFileError(f"{path}, line {line}, is not a result: {error}.") from None
    numbers = (result.loss, result.seconds)
    if not 0 <= result.accuracy <= 1 or not all(map(math.isfinite, numbers)):
        raise CorruptFileError(f"{path}, line {line}, contains an impossible number.")
    return result


@dataclass(frozen=True)
class RecordedResults:
    """The results of each entry on its evaluation split, and the problems of their files."""

    results: dict[str, list[Result]]
    problems: list[str]


def results_of(entries: Iterable[Entry]) -> RecordedResults:
    """Return the recorded results of these entries; each file is read once."""
    results: dict[str, list[Result]] = {}
    files: dict[Path, list[Result]] = {}
    problems = []
    for entry in entries:
        results[entry.name] = []
        folder = folder_of(entry.results.package) if entry.results else None
        if folder is None or entry.results is None:
            continue
        path = folder / entry.results.file
        if path not in files:
            try:
                files[path] = read(path) if path.is_file() else []
            except ZooError as error:
                files[path] = []
                problems.append(str(error))
        key = (entry.name, entry.evaluation_split, cache_key.recipe_digest(entry))
        results[entry.name] = [
            row for row in files[path] if (row.entry, row.split, row.recipe) == key
        ]
    return RecordedResults(results, problems)
