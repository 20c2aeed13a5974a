"""The output of `zoo export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import difference

from . import tables

if TYPE_CHECKING:
    from pathlib import Path


def export_facts(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the object that `zoo export --json` prints for a file."""
    shown = {key: value for key, value in facts.items() if key != "examples"}
    return {"path": str(path), **shown}


def export_lines(path: Path, facts: dict[str, Any]) -> str:
    """Return the description of an exported file and of its verification."""
    lines = [f"{tables.plain(str(path))}: {facts['size']:,} bytes"]
    if "verified" not in facts:
        return lines[0]
    lines[0] += f", opset {facts['opset']}, IR {facts['ir']}"
    verified = facts["verified"]
    count = verified["count"]
    noun = "rows" if facts["inputs"][0]["name"] == "rows" else "images"
    lines.append(f"  verified on {count:,} {noun}, {verified['pictures']}: all labels are equal")
    names = [
        f"{runtime['name']} {runtime['version']}"
        for key in ("runtimes", "skipped")
        for runtime in verified[key]
    ]
    results = [
        f"largest difference {difference(runtime['largest_difference'])}"
        for runtime in verified["runtimes"]
    ]
    results += [f"skipped: {runtime['reason']}" for runtime in verified["skipped"]]
    width = max(map(len, names))
    lines += [
        f"    {tables.plain(name):<{width}}  {tables.plain(result)}"
        for name, result in zip(names, results, strict=True)
    ]
    if cost := verified["int8_cost"]:
        lines.append(
            f"  int8 changes a probability by at most {difference(cost['difference'])}, "
            f"and {cost['labels']:,} of {count:,} labels"
        )
    return "\n".join(lines)
