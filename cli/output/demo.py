"""The output of `zoo demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formatting import size

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def page_result(path: Path, n_bytes: int, models: Sequence[str], *, is_plan: bool) -> Result:
    """Return the result of `zoo demo`: the page, or with --dry-run what it would be."""
    listed = ", ".join(models)
    columns = ("name", "file", "size", "models")
    cells = (path.name, str(path), size(n_bytes), listed)
    line = f"{path}: {n_bytes:,} bytes, {listed}"
    return Result(
        {"name": path.name, "path": str(path), "bytes": n_bytes, "models": list(models)},
        tables=[Table(columns, [cells], right=("size",))],
        lines=[line, *(["Nothing was written."] if is_plan else [])],
    )
