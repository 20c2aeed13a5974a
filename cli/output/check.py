"""The output of `zoo check`: lines that editors read, or an estimate of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import duration

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE_FILE = "the entry"  # the key of a problem that has none


def check_result(facts: dict[str, Any]) -> Result:
    """Return the result of one file; its rows are its problems, or the file."""
    faults = facts["faults"]
    shared = {key: value for key, value in facts.items() if key != "faults"}
    cells = [(facts["file"], str(fault["line"]), fault["key"], fault["fault"]) for fault in faults]
    valid = (facts["file"], "", "", f"{facts['name']} is a valid entry")
    return Result(
        facts,
        rows=[shared | fault for fault in faults] or [shared],
        tables=[Table(("file", "line", "key", "result"), cells or [valid], right=("line",))],
        lines=_problems(facts) if faults else _estimate(facts),
    )


def _problems(facts: dict[str, Any]) -> Sequence[str]:
    return [
        f"{facts['file']}:{fault['line']}: "
        + ("" if fault["key"] == WHOLE_FILE else f"{fault['key']}: ")
        + fault["fault"]
        for fault in facts["faults"]
    ]


def _estimate(facts: dict[str, Any]) -> Sequence[str]:
    machine = "on one core of this machine as it is now"
    return [
        f"{facts['file']}: {facts['name']} is a valid entry",
        f"  network  {facts['network']}, {facts['parameters']:,} parameters",
        f"  memory   about {facts['bytes'] / 1e6:,.0f} MB",
        f"  time     about {duration(facts['seconds'])} for {facts['steps']:,} steps, {machine}",
    ]
