"""The output of `zoo runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.markup import escape
from rich.text import Text

from zoo.formatting import percent, setting

from . import tables

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterable

    from rich.table import Table

    from zoo.training.run import Run


def run_table(runs: Iterable[tuple[str, str, dict[str, Any]]]) -> Table:
    """Return the table of `zoo runs`, given the name, status and metadata of each run."""
    result = tables.table(
        "run", "status", "accuracy", "verdict", "seconds", "started", right=("seconds",)
    )
    rows = list(runs)
    result.columns[0].min_width = max(len(name) for name, _, _ in rows)
    for name, status, metadata in rows:
        accuracy, seconds = metadata.get("accuracy"), metadata.get("seconds")
        result.add_row(
            f"[bold]{escape(name)}[/bold]",
            escape(tables.plain(status)),
            escape(tables.plain(f"{percent(accuracy)} {metadata['split']}"))
            if accuracy is not None
            else "",
            escape(
                tables.plain(metadata.get("verdict") or "")
                + (" (changed)" if metadata["changes"] else "")
            ),
            f"{seconds:.1f}" if seconds is not None else "",
            escape(tables.plain(metadata["started"][:16].replace("T", " "))),
        )
    return result


def run_page(run: Run, status: str, metadata: dict[str, Any]) -> Group:
    """Return the page of `zoo runs show`."""
    result = tables.table("fact", "value")
    result.add_row("status", escape(tables.plain(status)))
    for key, value in _flatten(metadata):
        if key not in {"status", "format"}:
            result.add_row(escape(tables.plain(key)), escape(tables.plain(setting(value))))
    files = ", ".join(sorted(path.name for path in run.path.glob("[!.]*")))
    return Group(Text(run.name, style="bold"), result, Text(f"files: {files}"))


def _flatten(facts: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
