"""The output of `zoo init`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.system.commands import quote

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .data_summary import SummarizedEntry


def entry_result(name: str, path: Path, seen: SummarizedEntry | None, *, is_plan: bool) -> Result:
    """Return the result of a new entry: its file, and the commands to run next.

    Above them is what is in the user's data, if the entry is for that.
    """
    quoted = quote(str(path))
    steps = [f"zoo check {quoted}", f"zoo train {quoted}"]
    result = _result(name, path, [path], steps, is_plan=is_plan)
    if seen is None:
        return result
    lines = result.lines or ()
    return Result(
        {**result.items()[0], "data": seen.facts()},
        tables=[*seen.tables(), Table((), (), notes=["", *lines])],
        names=[name],
    )


def package_result(name: str, folder: Path, files: Sequence[str], *, is_plan: bool) -> Result:
    """Return the result of a new package: its files, and the commands to run next."""
    steps = [
        f"pip install -e {quote(f'{folder}[test]')}",
        f"zoo plugins check {name}",
        f"pytest {quote(str(folder))}",
    ]
    return _result(name, folder, [folder / file for file in files], steps, is_plan=is_plan)


def _result(
    name: str, path: Path, files: Sequence[Path], steps: Sequence[str], *, is_plan: bool
) -> Result:
    facts = {
        "name": name,
        "path": str(path),
        "files": list(map(str, files)),
        "next": list(steps),
    }
    labels = ["next", *[""] * (len(steps) - 1)]
    ending = [f"{label:<9}{step}" for label, step in zip(labels, steps, strict=True)]
    if is_plan:
        ending = ["Nothing was written."]
    return Result(facts, lines=[*facts["files"], *ending])
