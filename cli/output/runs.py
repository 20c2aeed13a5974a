"""The output of `zoo runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import count, duration, percent, setting, size, verdict_words

from .result import Result, Table

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zoo.training.run import Run


def runs_result(runs: Sequence[tuple[str, str, dict[str, Any]]]) -> Result:
    """Return the result of `zoo runs`, given the name, status and metadata of each run."""
    columns = ("run", "status", "accuracy", "verdict", "time", "started")
    rows = [_cells(*run) for run in runs]
    return Result(
        [_facts(*run) for run in runs],
        tables=[Table(columns, rows, right=("time",))],
    )


def _facts(name: str, status: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"name": name} | metadata | {"run": name, "status": status}


def _cells(name: str, status: str, metadata: dict[str, Any]) -> list[str]:
    accuracy, seconds = metadata.get("accuracy"), metadata.get("seconds")
    return [
        name,
        status,
        "" if accuracy is None else f"{percent(accuracy)} {metadata['split']}",
        _verdict(metadata),
        "" if seconds is None else duration(seconds),
        metadata["started"][:16].replace("T", " "),
    ]


def _verdict(metadata: dict[str, Any]) -> str:
    verdict = metadata.get("verdict")
    words = verdict_words(verdict) if verdict else ""
    return words + (" (changed)" if metadata["changes"] else "")


def run_result(run: Run) -> Result:
    """Return the result of `zoo runs show`."""
    metadata = run.metadata
    status = run.status(metadata)
    rows = [("status", status)] + [
        (key, "none" if value is None else setting(value))
        for key, value in _flatten(metadata)
        if key not in {"status", "format"}
    ]
    files = ", ".join(sorted(path.name for path in run.path.glob("[!.]*")))
    table = Table(("fact", "value"), rows, title=run.name, notes=[f"files: {files}"])
    return Result(_facts(run.name, status, metadata), tables=[table])


def _flatten(facts: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def removal_result(runs: Sequence[Run], *, is_plan: bool) -> Result:
    """Return the result of `zoo runs rm`: each run with the size of its files."""
    sizes = [folder_size(run) for run in runs]
    verb = "would be deleted" if is_plan else "deleted"
    return Result(
        [{"name": run.name, "bytes": n_bytes} for run, n_bytes in zip(runs, sizes, strict=True)],
        tables=[
            Table(
                ("run", "size"),
                [(run.name, size(n_bytes)) for run, n_bytes in zip(runs, sizes, strict=True)],
                right=("size",),
                notes=[f"{runs_words(runs)} {verb}."],
            )
        ],
    )


def runs_words(runs: Sequence[Run]) -> str:
    """Return text such as "3 runs, 1.2 MB"."""
    return f"{count(len(runs), 'run')}, {size(sum(map(folder_size, runs)))}"


def leftovers_result(paths: Sequence[Path], *, is_plan: bool) -> Result:
    """Return the result of `zoo runs gc`: each file or folder with its size."""
    sizes = [size_of(path) for path in paths]
    verb = "would be deleted" if is_plan else "deleted"
    note = f"{leftovers_words(paths)} {verb}." if paths else "There is nothing to delete."
    return Result(
        [{"name": str(path), "bytes": n_bytes} for path, n_bytes in zip(paths, sizes, strict=True)],
        tables=[
            Table(
                ("file or folder", "size"),
                [(str(path), size(n_bytes)) for path, n_bytes in zip(paths, sizes, strict=True)],
                right=("size",),
                notes=[note],
            )
        ],
    )


def leftovers_words(paths: Sequence[Path]) -> str:
    """Return text such as "2 leftovers, 1.2 MB"."""
    return f"{count(len(paths), 'leftover')}, {size(sum(map(size_of, paths)))}"


def folder_size(run: Run) -> int:
    """Return the bytes of the files of a run."""
    return size_of(run.path)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of the files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_file())
