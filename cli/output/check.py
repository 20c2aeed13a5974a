"""The output of `zoo check`: lines that editors read, or an estimate of the training."""

from __future__ import annotations

from typing import Any

from zoo.formatting import count, duration, size

from .result import Result, Table

WHOLE_FILE = "the entry"  # the key of a problem that has none
ESTIMATE = ("network", "memory", "time")  # the columns of a valid entry


def check_result(facts: dict[str, Any]) -> Result:
    """Return the result of one file; its rows are its problems, or the file."""
    faults, file = facts["faults"], facts["file"]
    shared = {key: value for key, value in facts.items() if key != "faults"}
    if faults:
        cells = [
            (file, str(fault["line"]), fault["key"], fault["fault"], *("" for _ in ESTIMATE))
            for fault in faults
        ]
        lines = _problems(facts)
    else:
        estimate = _estimate(facts)
        cells = [(file, "", "", f"{facts['name']} is a valid entry", *estimate)]
        lines = [f"{file}: {facts['name']} is a valid entry"]
        lines += [f"  {label:7}  {text}" for label, text in zip(ESTIMATE, estimate, strict=True)]
        lines[-1] += ", on one core of this machine as it is now"
    return Result(
        facts,
        rows=[shared | fault for fault in faults] or [shared],
        tables=[Table(("file", "line", "key", "result", *ESTIMATE), cells, right=("line",))],
        lines=lines,
    )


def _problems(facts: dict[str, Any]) -> list[str]:
    return [
        f"{facts['file']}:{fault['line']}: "
        + ("" if fault["key"] == WHOLE_FILE else f"{fault['key']}: ")
        + fault["fault"]
        for fault in facts["faults"]
    ]


def _estimate(facts: dict[str, Any]) -> tuple[str, str, str]:
    """Return the texts of the columns of the estimate."""
    return (
        f"{facts['network']}, {facts['parameters']:,} parameters",
        f"about {size(facts['bytes'])}",
        f"about {duration(facts['seconds'])} for {count(facts['steps'], 'step')}",
    )
