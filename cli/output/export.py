"""The output of `zoo export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import difference

from . import tables

if TYPE_CHECKING:
    from pathlib import Path


def export_facts(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the object that `zoo export --json` prints for a file."""
    known = {key: value for key, value in facts.items() if key != "examples"}
    return {"path": str(path), **known}


def export_lines(path: Path, facts: dict[str, Any]) -> str:
    """Return what is said of a file that was written: what it is, and who agreed."""
    lines = [f"{tables.plain(str(path))}: {facts['size']:,} bytes"]
    if "verified" not in facts:
        return lines[0]
    lines[0] += f", opset {facts['opset']}, IR {facts['ir']}"
    verified = facts["verified"]
    count = verified["count"]
    things = "rows" if facts["inputs"][0]["name"] == "rows" else "pictures"
    lines.append(f"  tried on {count:,} {things}, {verified['pictures']}: every label is the same")
    names = [
        f"{one['name']} {one['version']}"
        for key in ("runtimes", "skipped")
        for one in verified[key]
    ]
    found = [
        f"largest difference {difference(one['largest_difference'])}"
        for one in verified["runtimes"]
    ]
    found += [f"not asked, since {one['reason']}" for one in verified["skipped"]]
    width = max(map(len, names))
    lines += [
        f"    {tables.plain(name):<{width}}  {tables.plain(said)}"
        for name, said in zip(names, found, strict=True)
    ]
    if cost := verified["int8_cost"]:
        lines.append(
            f"  int8 changes a probability by at most {difference(cost['difference'])}, "
            f"and {cost['labels']:,} of {count:,} labels"
        )
    return "\n".join(lines)
