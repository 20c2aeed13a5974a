"""What was measured: the rows of a results file, one a training, and what they come to."""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zoo.config import Entry
from zoo.errors import ZooError


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


COLUMNS = tuple(Result.__dataclass_fields__)


@dataclass(frozen=True)
class Summary:
    """Several accuracies as their mean and standard deviation; one alone has no deviation."""

    n: int
    mean: float
    sd: float | None

    def __str__(self) -> str:
        """Return such as "0.949 ± 0.008 (20)"."""
        spread = "" if self.sd is None else f" ± {self.sd:.3f}"
        return f"{self.mean:.3f}{spread} ({self.n})"


def summarize(accuracies: Sequence[float]) -> Summary | None:
    """Return mean, sample standard deviation and number; nothing comes to nothing."""
    n = len(accuracies)
    if not n:
        return None
    mean = math.fsum(accuracies) / n
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in accuracies) / (n - 1)) if n > 1 else None
    return Summary(n, mean, sd)


def folder_of(package: str) -> Path | None:
    """Return where a package's files lie; the package itself is not run."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def read(path: Path) -> list[Result]:
    """Return the rows of a results file, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ZooError(f"{path} is no results file: its header is {rows.fieldnames}.")
        return [_result(path, rows.line_num, row) for row in rows]


def _result(path: Path, line: int, row: dict[str, str]) -> Result:
    try:
        return Result(
            entry=row["entry"],
            seed=int(row["seed"]),
            split=row["split"],
            accuracy=float(row["accuracy"]),
            loss=float(row["loss"]),
            seconds=float(row["seconds"]),
            fingerprint=row["fingerprint"],
            versions=row["versions"],
        )
    except (ValueError, TypeError) as error:
        raise ZooError(f"{path}, line {line}, is no result: {error}.") from None


def results_of(entries: Iterable[Entry]) -> dict[str, list[Result]]:
    """Return what is on record for each entry on the split of its claim; each file is read once."""
    found: dict[str, list[Result]] = {}
    files: dict[Path, list[Result]] = {}
    for entry in entries:
        found[entry.name] = []
        folder = folder_of(entry.results.package) if entry.results else None
        if folder is None or entry.results is None or entry.claim is None:
            continue
        path = folder / entry.results.file
        if path not in files:
            files[path] = read(path) if path.is_file() else []
        found[entry.name] = [
            row for row in files[path] if (row.entry, row.split) == (entry.name, entry.claim.split)
        ]
    return found
