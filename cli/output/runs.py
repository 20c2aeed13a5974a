"""The output of `zoo runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.markup import escape
from rich.text import Text

from zoo.formatting import percent, setting

from . import tables

if TYPE_CHECKING:  # these bring NumPy along, which `zoo list` must not
    from collections.abc import Iterable

    from rich.table import Table

    from zoo.training.run import Run


def run_table(facts: Iterable[tuple[str, str, dict[str, Any]]]) -> Table:
    """Return the table of `zoo runs`: name, status and facts of each."""
    made = tables.table(
        "run", "status", "accuracy", "verdict", "seconds", "started", right=("seconds",)
    )
    rows = list(facts)
    made.columns[0].min_width = max(len(name) for name, _, _ in rows)
    for name, status, one in rows:
        accuracy, seconds = one.get("accuracy"), one.get("seconds")
        made.add_row(
            f"[bold]{escape(name)}[/bold]",
            escape(tables.plain(status)),
            escape(tables.plain(f"{percent(accuracy)} {one['split']}"))
            if accuracy is not None
            else "",
            escape(
                tables.plain(one.get("verdict") or "") + (" (changed)" if one["changes"] else "")
            ),
            f"{seconds:.1f}" if seconds is not None else "",
            escape(tables.plain(one["started"][:16].replace("T", " "))),
        )
    return made


def run_page(run: Run, status: str, facts: dict[str, Any]) -> Group:
    """Return the page of `zoo runs show`."""
    made = tables.table("fact", "value")
    made.add_row("status", escape(tables.plain(status)))
    for key, value in _flatten(facts):
        if key not in {"status", "format"}:
            made.add_row(escape(tables.plain(key)), escape(tables.plain(setting(value))))
    files = ", ".join(sorted(path.name for path in run.path.glob("[!.]*")))
    return Group(Text(run.name, style="bold"), made, Text(f"files: {files}"))


def _flatten(facts: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
