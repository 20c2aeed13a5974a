"""The output of `zoo export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import difference, size

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zoo.export.write import ExportedFile


def file_result(file: ExportedFile, *, names: Sequence[str]) -> Result:
    """Return the result of an exported file and of its verification."""
    shown = {key: value for key, value in file.facts.items() if key != "examples"}
    facts = {"name": shown["model"], "path": str(file.path), **shown}
    runtimes = facts.get("verified", {}).get("runtimes", [])
    cells = (
        facts["name"],
        facts["path"],
        size(facts["size"]),
        str(facts.get("opset", "")),
        ", ".join(_runtime(runtime) for runtime in runtimes),
    )
    columns = ("name", "file", "size", "opset", "verified in")
    return Result(
        facts,
        tables=[Table(columns, [cells], right=("size", "opset"))],
        lines=list(_lines(facts)),
        names=names,
    )


def plan_result(name: str, path: Path, *, names: Sequence[str]) -> Result:
    """Return the result of a file that would be written."""
    return Result(
        {"name": name, "path": str(path)},
        lines=[f"{path} would be written"],
        names=names,
    )


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    line = f"{facts['path']}: {facts['size']:,} bytes"
    if "verified" not in facts:
        yield line
        return
    yield f"{line}, opset {facts['opset']}, IR {facts['ir']}"
    verified = facts["verified"]
    count = verified["count"]
    noun = "rows" if facts["inputs"][0]["name"] == "rows" else "images"
    yield f"  verified on {count:,} {noun}, {verified['pictures']}: all labels are equal"
    results = {
        _runtime(runtime): f"largest difference {difference(runtime['largest_difference'])}"
        for runtime in verified["runtimes"]
    }
    results |= {
        _runtime(runtime): f"skipped: {runtime['reason']}" for runtime in verified["skipped"]
    }
    width = max(map(len, results))
    yield from (f"    {name:<{width}}  {result}" for name, result in results.items())
    if cost := verified["int8_cost"]:
        yield (
            f"  int8 changes a probability by at most {difference(cost['difference'])}, "
            f"and {cost['labels']:,} of {count:,} labels"
        )


def _runtime(runtime: dict[str, Any]) -> str:
    return f"{runtime['name']} {runtime['version']}"
