"""The output of `zoo verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .result import Result, Table

if TYPE_CHECKING:
    from pathlib import Path


def file_result(path: Path, *, report: str | None = None, problem: str | None = None) -> Result:
    """Return the result of one file; its problem is on stderr."""
    return Result(
        {"name": path.name, "path": str(path), "report": report, "problem": problem},
        tables=[Table(("file", "result"), [(str(path), report or problem or "")])],
        lines=[f"{path}: {report}"] if report else [],
    )
