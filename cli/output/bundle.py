"""The output of `zoo bundle`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import size

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def bundle_result(path: Path, kind: str, models: Sequence[str], *, is_plan: bool) -> Result:
    """Return the result of `zoo bundle`, or with --dry-run the file that it would write."""
    facts: dict[str, Any] = {"name": path.name, "path": str(path), "kind": kind}
    listed = ", ".join(models)
    if is_plan:
        facts |= {"models": list(models)}
        return Result(facts, lines=[f"{path} would be written: {listed}"])
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    n_bytes = sum(file.stat().st_size for file in files)
    cells = (path.name, str(path), size(n_bytes), listed)
    return Result(
        facts | {"bytes": n_bytes, "models": list(models)},
        tables=[Table(("name", "file", "size", "models"), [cells], right=("size",))],
        lines=[str(path)],
    )
